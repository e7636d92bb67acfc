#!/bin/bash
# The seed's own way: one thing after the other, each stage only after the one before has passed.
#
# sequential.sh ROOT COMPOSE_FILE_NAME
#
# COMPOSE_FILE_NAME is the file in each deploy/test folder: the one with health checks every five
# seconds, or the one with fast ones. One thing differs from the seed's script: the containers go
# after a failing test too.
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$1" || exit 3
COMPOSE_FILE_NAME=$2
# shellcheck source=common.sh
. "$HERE/common.sh"

unit() {
    suite unit-catalog services/catalog uv run pytest $VERBOSE tests/unit &&
        suite unit-orders services/orders uv run pytest $VERBOSE tests/unit &&
        suite unit-frontend services/frontend npm test
}

tests_of() {
    case $1 in
    catalog) suite service-catalog services/catalog uv run pytest $VERBOSE "${TESTS_OF_CATALOG[@]}" ;;
    orders) suite service-orders services/orders uv run pytest $VERBOSE "${TESTS_OF_ORDERS[@]}" ;;
    frontend) suite service-frontend services/frontend npm run test:integration ;;
    integration) suite integration . uv run pytest $VERBOSE tests/integration ;;
    esac
}

in_environment() {
    local code=0
    up "$1" && discover "$1" && tests_of "$1" || code=1
    down "$1"
    return $code
}

unit &&
    in_environment catalog &&
    in_environment orders &&
    in_environment frontend &&
    in_environment integration
