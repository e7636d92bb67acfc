#!/bin/bash
# Makes the database cluster that overlapped-processes.sh copies. Not measured: it is the warm part.
#
# template.sh FOLDER POSTGRES_BIN
set -euo pipefail
FOLDER=$1
BIN=$2
AS=()
if [ "$(id -u)" = 0 ]; then AS=(setpriv --reuid=65534 --clear-groups); fi

mkdir -p "$FOLDER"
[ ${#AS[@]} = 0 ] || chown 65534 "$FOLDER"
echo test >"$FOLDER/password"
"${AS[@]}" "$BIN/initdb" -D "$FOLDER/cluster" -U test -A scram-sha-256 \
    --pwfile="$FOLDER/password" --no-sync
"${AS[@]}" "$BIN/pg_ctl" -D "$FOLDER/cluster" -w -l "$FOLDER/log" \
    -o "-c listen_addresses= -c fsync=off -k $FOLDER" start
PGPASSWORD=test "$BIN/psql" -h "$FOLDER" -U test -d postgres -c 'CREATE DATABASE testdb'
"${AS[@]}" "$BIN/pg_ctl" -D "$FOLDER/cluster" -w -m fast stop
