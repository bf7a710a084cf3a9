"""What has to be there before a project of Compose starts: command, engine, images; secrets and a .env file."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.compose.stack import ComposeStack

PULL_LIMIT_S = 300


def missing_command() -> str:
    """Return what is wrong with the docker command, "" if nothing is."""
    found = shutil.which("docker") is not None
    return "" if found else "no docker command here; install Docker Engine with its Compose plugin"


def missing_engine() -> str:
    """Return why no engine can be used, "" if one answers."""
    if problem := missing_command():
        return problem
    info = subprocess.run(["docker", "info"], capture_output=True, text=True)
    reason = " ".join(info.stderr.split())[-200:]
    return "" if info.returncode == 0 else f"no Docker engine answers ({reason}); start one"


def missing_images(stack: ComposeStack) -> str:
    """Pull the images that ours are built from and the stores that we take as they are; return which cannot be had."""
    services = stack.configured()["services"].values()
    bases = {service["build"]["args"]["PYTHON_IMAGE"] for service in services if "build" in service}
    taken = {service["image"] for service in services if service["image"].split(":")[0] in ("postgres", "redis")}
    return "; ".join(problem for image in sorted(bases | taken) if (problem := _missing_image(image)))


def describe(folder: Path, candles: Path, *, project: str, variables: Mapping[str, object]) -> ComposeStack:
    """Make the secrets and the .env file of a project in `folder` that plays `candles`, on free ports."""
    command = [Path(sys.executable).with_name("candlecast"), "keys", "init", "--folder", folder / "secrets"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    candles.chmod(0o755)
    ports = dict(zip(("api", "dashboard", "ui"), free_ports(3), strict=True))
    settings = {
        "ENV_FILE": folder / ".env",
        "CANDLECAST_DATA": candles,
        "SECRETS_FOLDER": folder / "secrets",
        **variables,
        **{f"{name.upper()}_PORT": port for name, port in ports.items()},
    }
    write_settings(folder / ".env", settings)
    return ComposeStack(folder, project, ports)


def write_settings(path: Path, settings: Mapping[str, object]) -> None:
    """Set variables of a .env file that says something about some of them already."""
    kept = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in settings]
    path.write_text("".join(f"{line}\n" for line in [*kept, *(f"{name}={value}" for name, value in settings.items())]))


def free_ports(n: int) -> list[int]:
    """Return `n` loopback ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def _missing_image(image: str) -> str:
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode == 0:
        return ""
    pulled = subprocess.run(["docker", "pull", image], capture_output=True, text=True, timeout=PULL_LIMIT_S)
    reason = " ".join(pulled.stderr.split())[-200:]
    return "" if pulled.returncode == 0 else f"image {image} is not here and cannot be pulled ({reason})"
