#!/bin/bash
# Runs a Ray node in a container, for as long as the node lives.
#   cluster/ray_node.sh FLAGS...    of `ray start`
# RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S above 0: a node that is told to end first hands its replicas over, for which
# `ray start` stays, and keeps 120 MB.
# Ray gives a node 30 s to register, which a busy machine can miss; that is tried again in here, because a container
# that restarts counts as failed for `docker compose up --wait`. A node that ends later ends the container: only that
# surely takes every process of the node with it. `ray start --block` alone takes some ends for wanted ones, and waits.
set -u
readonly SILENT_S=60
starting= stopping=
daemons=(raylet)
[[ " $* " != *" --head "* ]] || daemons+=(gcs_server)
[[ ${RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S:-0} = 0 ]] || set -- "$@" --block
trap 'stopping=yes; alive "$starting" && kill -TERM "$starting"' TERM INT

alive() {
  [[ -n $1 && -r /proc/$1/status ]] && ! grep -qs '^State:.Z' "/proc/$1/status"
}

node_runs() {
  for name in "${daemons[@]}"; do grep -qsx "$name" /proc/[0-9]*/comm || return 1; done
}

# jobs are given to the head's dashboard, whose end no daemon notices
dashboard_silent() {
  [[ ${#daemons[@]} = 2 && $((SECONDS % 10)) = 0 ]] || return 1
  if probe 127.0.0.1 8265 /api/gcs_healthz >/dev/null 2>&1; then heard_s=$SECONDS; fi
  [[ $((SECONDS - heard_s)) -gt $SILENT_S ]]
}

# until the node has ended, or is told to; it counts once it has run
keep_watch() {
  local seen=
  while [[ -z $stopping ]]; do
    if node_runs; then seen=yes; elif [[ -n $seen ]] || ! alive "$starting"; then return; fi
    if alive "$starting"; then heard_s=$SECONDS; elif dashboard_silent; then return; fi
    sleep 1 &
    wait $!
  done
}

end_node() {
  while alive "$starting"; do sleep 0.2; done
  for name in "${daemons[@]}"; do
    for comm in $(grep -lsx "$name" /proc/[0-9]*/comm); do
      kill -TERM "$(basename "$(dirname "$comm")")" 2>/dev/null
    done
  done
  for _second in 1 2 3 4 5; do node_runs || return; sleep 1; done
}

for _attempt in 1 2 3; do
  SECONDS=0 heard_s=0
  ray start --disable-usage-stats "$@" &
  starting=$!
  keep_watch
  if [[ -n $stopping ]]; then
    end_node
    exit 0
  fi
  echo "ray_node: the node has ended" >&2
  [[ $SECONDS -lt 60 ]] || exit 1
  wait "$starting"
done
exit 1
