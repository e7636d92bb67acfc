#!/bin/sh
# The tests of all services together: scripts/run-integration-tests.sh [ARGUMENT...]
set -eu
cd "$(dirname "$0")/.."
exec ${SEATRIAL:-seatrial} test --stage integration "$@"
