#!/bin/sh
# Options or a configuration file are arguments for the server.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
    set -- valkey-server "$@"
fi
case $1 in
    valkey-server | redis-server)
        # The official build answers other hosts; Debian's protects itself unless told not to.
        case " $* " in
            *' --protected-mode '*) ;;
            *) set -- "$@" --protected-mode no ;;
        esac
        if [ "$(id -u)" = 0 ]; then
            find . \! -user valkey -exec chown valkey '{}' +
            exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
        fi
        ;;
esac
exec "$@"
