"""What the benchmarks ran on: the machine, and the versions of what was compared."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path

import cecli
from benchmarks import ground

_VERSIONS = """
import json, platform
from importlib import metadata
found = {"Python": platform.python_version()}
for name in ("configargparse", "posthog", "aider-chat"):
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def described() -> dict[str, str]:
    """Return what there is to know, by name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    found = {
        "processor": f"{_processor()}, {cores} cores",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "load before the run": load,
        "cecli": cecli.__version__,
        "compared in": versions(ground.NEWEST),
    }
    try:
        found["beside aider, compared in"] = versions(ground.aider())
    except RuntimeError as error:
        found["beside aider, compared in"] = str(error)
    return found


def versions(python: Path) -> str:
    """Return the versions of a Python, and of what it has of what is compared."""
    command = [str(python), "-I", "-c", _VERSIONS]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return ", ".join(f"{name} {version}" for name, version in json.loads(told).items())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):  # another system
        return platform.processor() or platform.machine()
