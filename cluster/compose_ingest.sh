#!/bin/sh
# Follows the candles, with an API to serve them: what Serve runs is lost with the head of the cluster, so it is
# deployed again when the cluster does not know it.
set -eu

deployed() {
  python - <<'END'
import json
import os
import sys
from pathlib import Path
from urllib.request import Request, urlopen

address = os.environ["CANDLECAST_CLUSTER__JOBS_URL"] + "/api/serve/applications/"
token = Path(os.environ["RAY_AUTH_TOKEN_PATH"]).read_text().strip()
try:
    with urlopen(Request(address, headers={"Authorization": f"Bearer {token}"}), timeout=10) as answer:
        known = json.load(answer)["applications"]
except OSError:
    known = {}
sys.exit("candlecast" not in known)
END
}

deployed || candlecast deploy --no-forecast
exec candlecast ingest
