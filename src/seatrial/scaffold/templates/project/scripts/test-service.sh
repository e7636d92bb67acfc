#!/bin/sh
# The service tests of one service, or of several: scripts/test-service.sh NAME [ARGUMENT...]
set -eu
cd "$(dirname "$0")/.."
exec ${SEATRIAL:-seatrial} test --stage service "$@"
