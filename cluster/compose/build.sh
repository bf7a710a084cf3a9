#!/bin/sh
# Builds both images and tells .env their tag: version and commit, as 0.1.0-1a2b3c4, with -dirty where files differ.
#   cluster/compose/build.sh [FLAGS...]    of `docker compose build`
set -eu
cd "$(dirname "$0")/../.."
CANDLECAST_VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
CANDLECAST_REVISION=$(git describe --always --dirty --exclude '*')
CANDLECAST_TAG=$CANDLECAST_VERSION-$CANDLECAST_REVISION
export CANDLECAST_VERSION CANDLECAST_REVISION CANDLECAST_TAG
docker compose build "$@"
touch .env
settings=$(grep -v '^CANDLECAST_TAG=' .env || true)
printf '%s\nCANDLECAST_TAG=%s\n' "$settings" "$CANDLECAST_TAG" >.env
echo "images built: tag $CANDLECAST_TAG, as .env says from now on"
