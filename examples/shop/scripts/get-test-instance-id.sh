#!/bin/sh
# Prints the TEST_INSTANCE_ID of this worktree's test environment: the one `seatrial up test` uses.
set -eu
cd "$(dirname "$0")/.."
seatrial env test | sed -n -e 's/^export //' -e "s/^TEST_INSTANCE_ID=[\"']\{0,1\}\([^\"']*\).*/\1/p"
