#!/bin/sh
# Makes what Compose needs and nobody should choose by hand: passwords in .env and Ray's token in a file.
# Run it as often as you like: what is there already stays as it is.
#   cluster/compose_secrets.sh [FOLDER]    where .env and secrets/ shall be; default: beside docker-compose.yml
set -eu
umask 077
[ $# -gt 0 ] || cd "$(dirname "$0")/.."
folder=${1:-.}

random() {
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# add NAME=VALUE to .env unless NAME has a value there
setting() {
  if ! grep -qs "^$1=." "$folder/.env"; then
    printf '%s=%s\n' "$1" "$2" >> "$folder/.env"
    echo "compose_secrets: $1 written to $folder/.env"
  fi
}

mkdir -p "$folder/secrets"
chmod 700 "$folder/secrets"
[ -e "$folder/secrets/.gitignore" ] || echo '*' > "$folder/secrets/.gitignore"
if [ ! -s "$folder/secrets/ray_token" ]; then
  random > "$folder/secrets/ray_token"
  echo "compose_secrets: $folder/secrets/ray_token written"
fi
# the containers' own user has to read it, so it is the folder that keeps others out
chmod 644 "$folder/secrets/ray_token"

# a last line without its end would swallow the first setting
[ ! -s "$folder/.env" ] || [ -z "$(tail -c 1 "$folder/.env")" ] || echo >> "$folder/.env"
setting COMPOSE_PROFILES recorded
setting RAY_TOKEN_FILE "$folder/secrets/ray_token"
setting POSTGRES_PASSWORD "$(random)"
setting POSTGRES_APP_PASSWORD "$(random)"
setting REDIS_PASSWORD "$(random)"
# the page and clients send the first; the second may promote models and start jobs
setting API_KEY "$(random)"
setting API_ADMIN_KEY "$(random)"
