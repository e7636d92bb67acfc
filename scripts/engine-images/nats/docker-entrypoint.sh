#!/bin/sh
# Options are arguments for the server; they replace the configuration file.
set -e
if [ "${1#-}" != "$1" ]; then
    set -- nats-server "$@"
fi
exec "$@"
