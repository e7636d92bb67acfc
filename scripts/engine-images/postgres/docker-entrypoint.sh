#!/usr/bin/env bash
# Entry point of the stand-in postgres image. It keeps the contract of the
# official one: the same variables, the same two phases. In the first phase a
# temporary server listens on its socket only while the database is made and the
# scripts in /docker-entrypoint-initdb.d run; then the real server starts. A
# health check that probes the socket is fooled by the first phase here as there.
set -Eeuo pipefail

note() { printf '%s\n' "$*"; }
fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }

# NAME from the environment, or from the file that NAME_FILE names, or a default.
from_env_or_file() {
    local name=$1 default=${2:-} file_name="${1}_FILE" value
    if [[ -n "${!name:-}" && -n "${!file_name:-}" ]]; then
        fail "both $name and $file_name are set (but are exclusive)"
    fi
    value=${!name:-$default}
    if [[ -n "${!file_name:-}" ]]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

read_settings() {
    from_env_or_file POSTGRES_PASSWORD
    from_env_or_file POSTGRES_USER postgres
    from_env_or_file POSTGRES_DB "$POSTGRES_USER"
    from_env_or_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
}

# From 18 on the official image keeps its data one level down and refuses to start
# beside a volume at the old place, which would silently stay empty.
refuse_old_mount() {
    if ((PG_MAJOR >= 18)) && [[ $PGDATA == "/var/lib/postgresql/$PG_MAJOR/docker" ]] \
        && { mountpoint -q /var/lib/postgresql/data || [[ -s /var/lib/postgresql/data/PG_VERSION ]]; }; then
        fail "in 18+, these images keep their data in $PGDATA, but there is a mount at" \
            "/var/lib/postgresql/data (unused mount/volume); mount /var/lib/postgresql instead, or set PGDATA"
    fi
}

make_folders() {
    mkdir -p "$PGDATA"
    chmod 00700 "$PGDATA" || :
    mkdir -p /var/run/postgresql || :
    chmod 03775 /var/run/postgresql || :
    if [[ -n "${POSTGRES_INITDB_WALDIR:-}" ]]; then
        mkdir -p "$POSTGRES_INITDB_WALDIR"
        chmod 700 "$POSTGRES_INITDB_WALDIR"
    fi
    if ((UID == 0)); then
        find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \
            \! -user postgres -exec chown postgres '{}' +
    fi
}

refuse_without_password() {
    if [[ -z "$POSTGRES_PASSWORD" && "$POSTGRES_HOST_AUTH_METHOD" != trust ]]; then
        cat >&2 <<'TEXT'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.
TEXT
        exit 1
    fi
}

make_cluster() {
    # These clients look for their server in /tmp, everybody else's in /var/run/postgresql.
    local -a options=(--username="$POSTGRES_USER" --set "unix_socket_directories=/var/run/postgresql,/tmp")
    if [[ -n "${POSTGRES_INITDB_WALDIR:-}" ]]; then
        options+=(--waldir "$POSTGRES_INITDB_WALDIR")
    fi
    # The variable holds several words, quoted as in a shell. The pipe with the
    # password lives only as long as the command that it is written in.
    eval 'initdb "${options[@]}" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") '"$POSTGRES_INITDB_ARGS"' "$PGDATA"'
}

admit_all_hosts() {
    local method=$POSTGRES_HOST_AUTH_METHOD
    if [[ -z $method ]]; then
        method=$(postgres -C password_encryption -D "$PGDATA")
    fi
    printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

start_temporary_server() {
    if [[ ${1:-} == postgres ]]; then
        shift
    fi
    PGUSER=${PGUSER:-$POSTGRES_USER} NOTIFY_SOCKET='' pg_ctl -D "$PGDATA" \
        -o "$(printf '%q ' "$@" -c listen_addresses='' -p "${PGPORT:-5432}")" -w start
}

stop_temporary_server() {
    PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop
}

# run_sql_in DATABASE ARGUMENT... : what psql does, over the socket, as the superuser.
run_sql_in() {
    local database=$1
    shift
    PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password \
        --no-psqlrc --dbname "$database" "$@"
}

run_sql() { run_sql_in "$POSTGRES_DB" "$@"; }

make_database() {
    local found
    found=$(run_sql_in postgres --set db="$POSTGRES_DB" --tuples-only \
        <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
    if [[ -z "$found" ]]; then
        run_sql_in postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
    fi
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                # An executable script is run, any other is read into this shell.
                if [[ -x $file ]]; then
                    note "$0: running $file"
                    "$file"
                else
                    note "$0: sourcing $file"
                    # shellcheck source=/dev/null
                    . "$file"
                fi
                ;;
            *.sql) note "$0: running $file"; run_sql -f "$file"; note ;;
            *.sql.gz) note "$0: running $file"; gunzip -c "$file" | run_sql; note ;;
            *.sql.xz) note "$0: running $file"; xzcat "$file" | run_sql; note ;;
            *.sql.zst) note "$0: running $file"; zstd -dc "$file" | run_sql; note ;;
            */'*') ;;
            *) note "$0: ignoring $file" ;;
        esac
    done
}

initialise() {
    refuse_without_password
    make_cluster
    admit_all_hosts
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    start_temporary_server "$@"
    make_database
    run_init_files
    stop_temporary_server
    unset PGPASSWORD
    note
    note 'PostgreSQL init process complete; ready for start up.'
    note
}

only_asks() {
    local argument
    for argument; do
        case $argument in
            -\? | --help | --describe-config | -V | --version) return 0 ;;
        esac
    done
    return 1
}

main() {
    if [[ ${1:-} == -* ]]; then
        set -- postgres "$@"
    fi
    if [[ ${1:-} == postgres ]] && ! only_asks "$@"; then
        read_settings
        refuse_old_mount
        make_folders
        if ((UID == 0)); then
            # postgres refuses to run as root.
            HOME=/var/lib/postgresql exec setpriv --reuid=postgres --regid=postgres --init-groups \
                "${BASH_SOURCE[0]}" "$@"
        fi
        if [[ -s $PGDATA/PG_VERSION ]]; then
            note
            note 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
            note
        else
            initialise "$@"
        fi
    fi
    exec "$@"
}

main "$@"
