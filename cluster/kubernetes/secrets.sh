#!/bin/sh
# Makes the secrets that the manifests name, from the folder that `candlecast keys init` wrote and certificates made here.
#   cluster/kubernetes/secrets.sh [SECRETS_FOLDER] [HOST_NAMES]    host names under which the API is reached, by commas
# Run it again after a key was changed; a certificate is made anew when it runs out within 60 days. A certificate of your
# own for the API goes into SECRETS_FOLDER/edge_certificate: key and chain in one PEM file.
set -eu
secrets=${1:-secrets}
tls=$secrets/tls
python=$(command -v .venv/bin/python || command -v python3)
umask 077
mkdir -p "$tls/public" "$tls/postgres" "$tls/edge"
"$python" -m cluster.certificates --public "$tls/public" --postgres "$tls/postgres" --edge "$tls/edge" --names "${2:-}"

kubectl create namespace candlecast --dry-run=client -o yaml | kubectl apply -f -
secret() {
  name=$1
  shift
  kubectl -n candlecast create secret generic "$name" "$@" --dry-run=client -o yaml | kubectl apply -f -
}
secret candlecast-ray --from-file=auth_token="$secrets/ray_token"
secret candlecast-owner --from-file="$secrets/postgres_password" --from-file="$secrets/api_admin_key"
set --
for name in postgres_app_password redis_password api_key newsapi_key cryptopanic_token alert_channels; do
  set -- "$@" --from-file="$secrets/$name"
done
secret candlecast-app "$@"
secret candlecast-ca --from-file="$tls/public/ca.crt"
secret candlecast-postgres --from-file="$tls/postgres/server.crt" --from-file="$tls/postgres/server.key"
edge=$tls/edge/edge.pem
[ ! -s "$secrets/edge_certificate" ] || edge=$secrets/edge_certificate
secret candlecast-edge --from-file=edge.pem="$edge"
