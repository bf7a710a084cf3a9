#!/bin/sh
# Runs `ray start` in a container, for as long as the node lives.
#   cluster/ray_node.sh FLAGS...
# Ray gives a node 30 s to register, which a busy machine can miss; that is tried again in here, because a container
# that restarts counts as failed for `docker compose up --wait`. A node that ends later ends the container: only that
# surely takes every process of the node with it.
set -u
node= stopping=
trap 'stopping=yes; [ -z "$node" ] || kill -TERM "$node"' TERM INT

for _attempt in 1 2 3; do
  [ -z "$stopping" ] || exit 0
  started_s=$(date +%s)
  ray start --block --disable-usage-stats "$@" &
  node=$!
  wait "$node"
  status=$?
  # a signal ends the wait before the node has ended
  while kill -0 "$node" 2>/dev/null; do
    wait "$node"
    status=$?
  done
  [ -z "$stopping" ] || exit 0
  [ $(($(date +%s) - started_s)) -lt 60 ] || exit "$status"
done
exit "$status"
