#!/bin/sh
# Starts Redis with its password, read from standard input: arguments can be seen by every process of the host.
set -eu
exec redis-server - "$@" <<END
requirepass $(cat /run/secrets/redis_password)
END
