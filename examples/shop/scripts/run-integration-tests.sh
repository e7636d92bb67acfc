#!/bin/sh
# The tests of the whole shop: scripts/run-integration-tests.sh [ARGUMENT...]
set -eu
cd "$(dirname "$0")/.."
exec seatrial test --stage integration "$@"
