# What the baselines share. Sourced; the caller stands in the root of the shop.
#
# environment: LOGS   folder for what programs print
#              VERBOSE  words for the runners (-v), or empty

set -uo pipefail

BRANCH=$(git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
TEST_INSTANCE_ID=$(echo "$BRANCH" | sed 's/[^a-zA-Z0-9]/-/g' | cut -c1-20)
export TEST_INSTANCE_ID

TESTS_OF_CATALOG=(tests/integration)
TESTS_OF_ORDERS=(tests/integration --integration)

# suite NAME FOLDER COMMAND... : one runner in its folder, its output kept.
suite() {
    local name=$1 folder=$2
    shift 2
    if (cd "$folder" && "$@") >"$LOGS/suite-$name.log" 2>&1; then
        echo "ok   $name"
    else
        echo "FAIL $name (see $LOGS/suite-$name.log)"
        return 1
    fi
}

compose_of() { # compose_of ENVIRONMENT : its compose file
    if [ "$1" = integration ]; then
        echo "deploy/test/$COMPOSE_FILE_NAME"
    else
        echo "services/$1/deploy/test/$COMPOSE_FILE_NAME"
    fi
}

up() { # up ENVIRONMENT
    docker compose -f "$(compose_of "$1")" up -d --build --wait >"$LOGS/up-$1.log" 2>&1 || {
        echo "FAIL up $1 (see $LOGS/up-$1.log)"
        return 1
    }
}

down() { # down ENVIRONMENT
    docker compose -f "$(compose_of "$1")" down -v >"$LOGS/down-$1.log" 2>&1
}

port() { # port ENVIRONMENT SERVICE PORT : the port on the host
    docker compose -f "$(compose_of "$1")" port "$2" "$3" | cut -d: -f2
}

discover() { # discover ENVIRONMENT : export the addresses that its tests ask for
    case $1 in
    catalog)
        TEST_API_URL="http://localhost:$(port catalog catalog 8000)"
        TEST_DATABASE_URL="postgresql://test:test@localhost:$(port catalog database 5432)/testdb"
        ;;
    orders)
        TEST_API_URL="http://localhost:$(port orders orders 8000)"
        TEST_REDIS_URL="redis://localhost:$(port orders valkey 6379)/0"
        ;;
    frontend) TEST_API_URL="http://localhost:$(port frontend frontend 3000)" ;;
    integration)
        TEST_FRONTEND_URL="http://localhost:$(port integration frontend 3000)"
        TEST_CATALOG_URL="http://localhost:$(port integration catalog 8000)"
        ;;
    esac
    export TEST_API_URL TEST_DATABASE_URL TEST_REDIS_URL TEST_FRONTEND_URL TEST_CATALOG_URL
}
