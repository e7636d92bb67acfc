#!/bin/bash
# The floor with containers: all that can overlap does, by hand.
#
# overlapped-containers.sh ROOT COMPOSE_FILE_NAME
#
# The environments of the services boot from the first moment on, while the unit tests run side by
# side; that of the whole boots once these have passed. The service tests of each service start when
# all unit tests have passed and its own environment is up; each environment goes when its tests are
# over, while others go on. The runners are started directly, without `uv run` and `npm` in front,
# and the addresses of an environment come from one command.
#
# Of what was tried on two cores this was fastest: booting the largest environment from the first
# moment on, and health checks every 100 ms, take more from the tests than they give.
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$1" || exit 3
COMPOSE_FILE_NAME=$2
# shellcheck source=common.sh
. "$HERE/common.sh"
. "$HERE/gates.sh"

port() { # port ENVIRONMENT SERVICE PORT
    sed -n "s/^$2 .*:\([0-9]*\)->$3\/tcp.*/\1/p" "$LOGS/ports-$1" | head -n 1
}

in_environment() { # in_environment ENVIRONMENT GATE
    local code=1
    [ "$1" != integration ] || passed unit
    if up "$1"; then
        docker compose -f "$(compose_of "$1")" ps --format '{{.Service}} {{.Ports}}' \
            >"$LOGS/ports-$1"
        discover "$1"
        passed "$2" && tests_of "$1" && code=0
    fi
    echo $code >&7
    down "$1"
}

run_all_stages
