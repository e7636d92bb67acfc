#!/bin/sh
# Prints a TEST_INSTANCE_ID that is this worktree's own, whatever its branch is called later.
set -eu
cd "$(dirname "$0")/.."
exec ${SEATRIAL:-seatrial} env --instance-id
