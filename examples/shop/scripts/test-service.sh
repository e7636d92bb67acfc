#!/bin/sh
# The service tests of one service, or of several: scripts/test-service.sh catalog [ARGUMENT...]
set -eu
cd "$(dirname "$0")/.."
exec seatrial test --stage service "$@"
