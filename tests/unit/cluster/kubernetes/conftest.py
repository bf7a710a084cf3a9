"""The manifests of each overlay, as `kubectl kustomize` builds them."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.needs import cannot_test

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "cluster" / "kubernetes"
OVERLAYS = ("small", "desk")

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Overlay:
    """All manifests of one overlay."""

    name: str
    manifests: list[Manifest]

    def of(self, kind: str) -> dict[str, Manifest]:
        """Return the manifests of a kind, by name."""
        return {one["metadata"]["name"]: one for one in self.manifests if one["kind"] == kind}

    @property
    def ray(self) -> Manifest:
        """Return the spec of the Ray service."""
        return self.of("RayService")["candlecast"]["spec"]

    def pods(self) -> Iterator[tuple[str, dict[str, str], Manifest]]:
        """Return what every pod is called, its labels and its spec."""
        for kind in ("Deployment", "StatefulSet", "Job", "CronJob"):
            for name, one in self.of(kind).items():
                spec = one["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else one["spec"]
                yield name, spec["template"]["metadata"]["labels"], spec["template"]["spec"]
        cluster = self.ray["rayClusterConfig"]
        node = {"ray.io/is-ray-node": "yes"}
        yield "head", node | {"ray.io/node-type": "head"}, cluster["headGroupSpec"]["template"]["spec"]
        for group in cluster["workerGroupSpecs"]:
            yield group["groupName"], node | {"ray.io/group": group["groupName"]}, group["template"]["spec"]

    def containers(self) -> Iterator[tuple[str, Manifest, Manifest]]:
        """Return what every container is called, itself, and the spec of its pod."""
        for name, _, pod in self.pods():
            for one in [*pod.get("initContainers", []), *pod["containers"]]:
                yield f"{name}/{one['name']}", one, pod


@lru_cache
def build(name: str) -> Overlay:
    """Build an overlay; without kubectl there is nothing to look at."""
    if shutil.which("kubectl") is None:
        cannot_test("kubectl is not installed: the Kubernetes manifests are not built and not checked")
    command = ["kubectl", "kustomize", str(FOLDER / "overlays" / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return Overlay(name, list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader)))


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> Overlay:
    """Return each overlay in turn."""
    return build(request.param)
