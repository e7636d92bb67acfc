#!/bin/sh
# Starts the program of a node as a machine would. Of cgroups in their second version, a group with
# processes of its own gets no groups below it that have limits: they move aside. In the first
# version there is nothing to do.
groups=/sys/fs/cgroup
if [ -f "$groups/cgroup.controllers" ]; then
    mkdir -p "$groups/machine"
    for process in $(cat "$groups/cgroup.procs"); do
        echo "$process" > "$groups/machine/cgroup.procs" || true
    done
    for controller in $(cat "$groups/cgroup.controllers"); do
        echo "+$controller" > "$groups/cgroup.subtree_control" || true
    done
fi
exec "$@"
