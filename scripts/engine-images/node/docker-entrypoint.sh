#!/bin/sh
# Anything that is not a command is an argument or a script for node.
set -e
if [ "${1#-}" != "$1" ] || ! command -v "$1" >/dev/null 2>&1; then
    set -- node "$@"
elif [ -f "$1" ] && ! [ -x "$1" ]; then
    set -- node "$@"
fi
exec "$@"
