#!/bin/sh
# Starts PostgreSQL with TLS and nothing but TLS; more flags are passed on.
# The server takes no key that others may read, and a volume has the owner who wrote it: so it gets a copy of its own.
set -eu
cp /tls-postgres/server.key /tmp/server.key
chmod 600 /tmp/server.key
exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/tls-postgres/server.crt -c ssl_key_file=/tmp/server.key \
  -c hba_file=/etc/postgresql/pg_hba.conf -c password_encryption=scram-sha-256 "$@"
