import os

# Read where a project reads it: at import, in each worker.
address = os.environ["TEST_DATABASE_URL"] if "PYTEST_XDIST_WORKER" in os.environ else ""
left = "SEATRIAL_SHARE" in os.environ and "PYTEST_XDIST_WORKER" in os.environ
