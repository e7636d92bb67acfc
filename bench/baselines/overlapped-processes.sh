#!/bin/bash
# The floor with processes: the same servers and services started by hand, all that can overlap
# does. For this one repository: whoever writes such a script knows its services by heart.
#
# overlapped-processes.sh ROOT TEMPLATE POSTGRES_BIN VALKEY_SERVER
#
# TEMPLATE is a cluster made by template.sh. Health checks are those of the compose files, tried
# every 20 ms from this shell, which costs no new process.
HERE=$(cd "$(dirname "$0")" && pwd)
cd "$1" || exit 3
TEMPLATE=$2 BIN=$3 VALKEY=$4
# shellcheck source=common.sh
. "$HERE/common.sh"
. "$HERE/gates.sh"

AS=()
if [ "$(id -u)" = 0 ]; then AS=(setpriv --reuid=65534 --clear-groups); fi
DATA=$(mktemp -d /dev/shm/seatrial-floor.XXXXXX)
chmod 755 "$DATA"
# One address for each environment, so that ports stay what they are; two where two want one port.
NET=127.$((RANDOM % 100 + 100)).$((RANDOM % 250))
CATALOG=$PWD/services/catalog/.venv/bin
ORDERS=$PWD/services/orders/.venv/bin
PIDS=()
DATABASE=

serve() { # serve NAME FOLDER COMMAND... : in the background, until the environment goes
    (cd "$2" && exec "${@:3}") >"$LOGS/serve-$1.log" 2>&1 &
    PIDS+=($!)
}

listens() { # listens HOST PORT
    until (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; do sleep 0.02; done
}

healthy() { # healthy HOST PORT : until GET /health answers 200
    local line
    until
        exec 3<>"/dev/tcp/$1/$2" && printf 'GET /health HTTP/1.0\r\nHost: x\r\n\r\n' >&3 &&
            read -r line <&3 && [[ $line == *" 200 "* ]]
    do sleep 0.02; done 2>/dev/null
    exec 3>&-
}

postgres() { # postgres ENVIRONMENT HOST
    local data=$DATA/$1
    mkdir "$data"
    cp -a "$TEMPLATE/cluster" "$data/cluster"
    [ ${#AS[@]} = 0 ] || chown 65534 "$data"
    serve "$1-database" / ${AS[@]+"${AS[@]}"} "$BIN/postgres" -D "$data/cluster" \
        -c synchronous_commit=off -c fsync=off -c full_page_writes=off \
        -c listen_addresses="$2" -c unix_socket_directories="$data" \
        -c dynamic_shared_memory_type=mmap
    DATABASE=${PIDS[-1]}
    until "$BIN/pg_isready" -q -h "$2" -U test -d testdb; do sleep 0.02; done
}

valkey() { # valkey ENVIRONMENT HOST
    serve "$1-valkey" / "$VALKEY" --save '' --appendonly no --bind "$2"
    listens "$2" 6379
}

catalog() { # catalog ENVIRONMENT HOST
    export DATABASE_URL=postgresql://test:test@$2:5432/testdb RATES_URL=http://$2:9000
    HOST=$2 PORT=9000 serve "$1-rates" services/catalog/tests/stubs python3 rates.py
    postgres "$1" "$2"
    (cd services/catalog && "$CATALOG/python" -m catalog.migrate) >"$LOGS/migrate-$1.log" 2>&1
    UVICORN_HOST=$2 UVICORN_PORT=8000 serve "$1-catalog" services/catalog \
        "$CATALOG/uvicorn" catalog.app:create_app --factory
    healthy "$2" 9000
    healthy "$2" 8000
}

orders() { # orders ENVIRONMENT HOST CATALOG_URL
    export REDIS_URL=redis://$2:6379/0 CATALOG_URL=$3
    UVICORN_HOST=$2 UVICORN_PORT=8000 serve "$1-orders" services/orders \
        "$ORDERS/uvicorn" orders.app:create_app --factory
    serve "$1-worker" services/orders "$ORDERS/python" -m orders.worker
    healthy "$2" 8000
}

frontend() { # frontend ENVIRONMENT HOST CATALOG_URL ORDERS_URL
    HOST=$2 PORT=3000 CATALOG_URL=$3 ORDERS_URL=$4 serve "$1-frontend" services/frontend \
        node --import tsx src/main.ts
    healthy "$2" 3000
}

up() {
    case $1 in
    catalog)
        catalog "$1" "$NET.1"
        export TEST_API_URL=http://$NET.1:8000 TEST_DATABASE_URL=$DATABASE_URL
        ;;
    orders)
        HOST=$NET.2 PORT=9000 serve "$1-catalog" services/orders/tests/stubs python3 catalog.py
        valkey "$1" "$NET.2"
        healthy "$NET.2" 9000
        orders "$1" "$NET.2" "http://$NET.2:9000"
        export TEST_API_URL=http://$NET.2:8000 TEST_REDIS_URL=$REDIS_URL
        ;;
    frontend)
        HOST=$NET.3 PORT=9000 serve "$1-backends" services/frontend/tests/stubs node backends.mjs
        healthy "$NET.3" 9000
        frontend "$1" "$NET.3" "http://$NET.3:9000" "http://$NET.3:9000"
        export TEST_API_URL=http://$NET.3:3000
        ;;
    integration)
        valkey "$1" "$NET.5"
        catalog "$1" "$NET.4"
        orders "$1" "$NET.5" "http://$NET.4:8000"
        frontend "$1" "$NET.5" "http://$NET.4:8000" "http://$NET.5:8000"
        export TEST_FRONTEND_URL=http://$NET.5:3000 TEST_CATALOG_URL=http://$NET.4:8000
        ;;
    esac
}

down() {
    [ ${#PIDS[@]} = 0 ] || kill "${PIDS[@]}" 2>/dev/null
    # An immediate shutdown: the data is thrown away.
    [ -z "$DATABASE" ] || kill -QUIT "$DATABASE" 2>/dev/null
    wait
    rm -rf "${DATA:?}/$1"
}

in_environment() { # in_environment ENVIRONMENT GATE
    local code=1
    up "$1" && passed "$2" && tests_of "$1" && code=0
    echo $code >&7
    down "$1"
}

run_all_stages
code=$?
rm -rf "$DATA"
exit $code
