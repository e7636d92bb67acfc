import os

USER = os.environ.get("POSTGRES_USER")
