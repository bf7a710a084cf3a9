#!/bin/sh
# Makes what Compose needs and nobody should choose by hand: passwords in .env and Ray's token in a file.
# Run it again as often as you like; what is there already stays as it is.
set -eu
cd "$(dirname "$0")/.."
umask 077

random() {
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# add NAME VALUE to .env unless NAME has a value there
setting() {
  if ! grep -qs "^$1=." .env; then
    printf '%s=%s\n' "$1" "$2" >> .env
    echo "compose_secrets: $1 written to .env"
  fi
}

mkdir -p secrets
chmod 700 secrets
[ -e secrets/.gitignore ] || echo '*' > secrets/.gitignore
if [ ! -s secrets/ray_token ]; then
  random > secrets/ray_token
  # the containers' own user reads it, so it is the folder that keeps others out
  chmod 644 secrets/ray_token
  echo 'compose_secrets: secrets/ray_token written'
fi

[ ! -s .env ] || [ -z "$(tail -c 1 .env)" ] || echo >> .env
setting COMPOSE_PROFILES recorded
setting RAY_TOKEN_FILE ./secrets/ray_token
setting POSTGRES_PASSWORD "$(random)"
setting POSTGRES_APP_PASSWORD "$(random)"
setting REDIS_PASSWORD "$(random)"
