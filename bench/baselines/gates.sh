# The stages of the two overlapping baselines. Sourced; the caller defines in_environment, which
# boots an environment, waits at its gate, runs its tests, writes 0 or 1 to descriptor 7 when they
# are over, and takes the environment down.
#
# A gate is a file that one process holds locked and others wait for: no polling. It is empty if
# the stage behind it failed.

passed() { # passed GATE : wait for a gate; whether its stage passed
    flock --shared "$LOGS/$1.gate" true
    [ -s "$LOGS/$1.gate" ]
}

open_gate() { # open_gate DESCRIPTOR CODE
    [ "$2" = 0 ] && echo passed >&"$1"
    flock --unlock "$1"
}

tests_of() {
    case $1 in
    catalog) suite service-catalog services/catalog .venv/bin/pytest $VERBOSE "${TESTS_OF_CATALOG[@]}" ;;
    orders) suite service-orders services/orders .venv/bin/pytest $VERBOSE "${TESTS_OF_ORDERS[@]}" ;;
    frontend) vitest service-frontend tests/integration ;;
    integration) suite integration . .venv/bin/pytest $VERBOSE tests/integration ;;
    esac
}

vitest() { # vitest NAME PATH
    suite "$1" services/frontend node_modules/.bin/vitest run ${VERBOSE:+--reporter=verbose} "$2"
}

run_all_stages() {
    local code=0 ended pids=()
    exec 8>"$LOGS/unit.gate" 9>"$LOGS/service.gate"
    flock 8
    flock 9
    mkfifo "$LOGS/ended"
    exec 7<>"$LOGS/ended"

    for name in catalog orders frontend; do
        (in_environment "$name" unit) &
    done
    (in_environment integration service) &
    suite unit-catalog services/catalog .venv/bin/pytest $VERBOSE tests/unit &
    pids+=($!)
    suite unit-orders services/orders .venv/bin/pytest $VERBOSE tests/unit &
    pids+=($!)
    vitest unit-frontend tests/unit &
    pids+=($!)

    for pid in "${pids[@]}"; do wait "$pid" || code=1; done
    open_gate 8 $code
    for _ in catalog orders frontend; do read -r -u 7 ended; [ "$ended" = 0 ] || code=1; done
    open_gate 9 $code
    read -r -u 7 ended
    [ "$ended" = 0 ] || code=1
    wait # for what is still being taken down
    return $code
}
