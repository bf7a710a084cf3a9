"""Does the script make every secret, and every key of it, that a pod reads?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from candlecast.key_files import write_secrets
from tests.unit.cluster.kubernetes.conftest import FOLDER, ROOT, Manifest, build

# builds as ever, but what would be sent to a cluster is written down
RECORDER = """#!/bin/sh
if [ "$1" = apply ]; then
  echo --- >>"{log}"
  exec cat >>"{log}"
fi
exec {kubectl} "$@"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Manifest]:
    """Return the secrets that the script would send, by name."""
    tmp_path = tmp_path_factory.mktemp("secrets")
    build("small")
    write_secrets(tmp_path / "secrets", env_file=tmp_path / ".env")
    log, recorder = tmp_path / "sent.yaml", tmp_path / "bin" / "kubectl"
    recorder.parent.mkdir()
    recorder.write_text(RECORDER.format(log=log, kubectl=shutil.which("kubectl")))
    recorder.chmod(0o755)
    path = os.pathsep.join([str(recorder.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(
        [FOLDER / "secrets.sh", tmp_path / "secrets", "api.desk.example"],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        check=True,
        timeout=60,
    )
    return {
        one["metadata"]["name"]: one
        for one in yaml.load_all(log.read_text(), Loader=yaml.CSafeLoader)
        if one["kind"] == "Secret"
    }


def test_script_makes_every_key_of_every_secret_that_is_read(made: dict[str, Manifest]):
    read = {("candlecast-ray", "auth_token")}
    for _, _, pod in build("small").pods():
        secrets = {one["name"]: one["secret"] for one in pod.get("volumes", []) if "secret" in one}
        for secret in secrets.values():
            read |= {(secret["secretName"], item["key"]) for item in secret.get("items", [])}
            assert secret["secretName"] in made
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            for mount in container.get("volumeMounts", []):
                folder, secret = mount["mountPath"], secrets.get(mount["name"])
                given = [str(one.get("value", "")) for one in container.get("env", [])] + container.get("command", [])
                read |= {
                    (secret["secretName"], Path(value).name)
                    for value in given
                    if secret and Path(value).parent == Path(folder)
                }

    missing = {(name, key) for name, key in read if key not in made[name]["data"]}
    assert missing == set()
    assert len(read) > 5
    assert {one["metadata"]["namespace"] for one in made.values()} == {"candlecast"}


def test_certificate_of_the_edge_is_another_secret_than_the_key_of_the_database(made: dict[str, Manifest]):
    assert set(made["candlecast-edge"]["data"]) == {"edge.pem"}
    assert set(made["candlecast-postgres"]["data"]) == {"server.crt", "server.key"}
    assert set(made["candlecast-ca"]["data"]) == {"ca.crt"}
