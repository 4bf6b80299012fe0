"""What every event says about where cecli runs.

Owns reading it, without starting a process; what of it may leave is the catalogue's.
"""

from __future__ import annotations

import os
import sys

import cecli
from cecli.analytics.program import Program


def facts(program: Program) -> dict[str, object]:
    """Return the properties that stand on every event of a program, the catalogue's ``COMMON``."""
    release, machine = _system()
    return {
        "$process_person_profile": False,
        "$geoip_disable": True,
        "$ip": "0.0.0.0",
        "$lib": "cecli",
        "$lib_version": cecli.__version__,
        "cecli_version": cecli.__version__,
        "program": program.name,
        "program_version": program.version,
        "python_version": "{}.{}.{}".format(*sys.version_info),
        "os": _OS_NAMES.get(sys.platform.rstrip("0123456789"), "other"),
        "os_release": _major_minor(release),
        "machine": _MACHINE_NAMES.get(machine.lower(), "other"),
    }


def _system() -> tuple[str, str]:
    """Return the system's release and the machine's name, as the system spells them."""
    if sys.platform == "win32":
        version = sys.getwindowsversion()
        return f"{version.major}.{version.minor}", os.environ.get("PROCESSOR_ARCHITECTURE", "")
    system = os.uname()
    return system.release, system.machine


def _major_minor(release: str) -> str:
    """Return the two numbers that a release starts with.

    >>> _major_minor("6.8.0-45-ada-laptop"), _major_minor("unknown")
    ('6.8', 'other')
    """
    major, _, rest = release.partition(".")
    minor = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    if major.isdecimal() and minor and len(major) <= 3 and len(minor) <= 3:
        return f"{major}.{minor}"
    return "other"


_OS_NAMES = {
    "linux": "Linux",
    "darwin": "macOS",
    "win": "Windows",
    "cygwin": "Windows",
    "freebsd": "FreeBSD",
}
_MACHINE_NAMES = {
    "aarch64": "arm64",
    "amd64": "x86_64",
    "arm64": "arm64",
    "armv6l": "arm",
    "armv7l": "arm",
    "i386": "x86",
    "i686": "x86",
    "loongarch64": "loongarch64",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "x86": "x86",
    "x86_64": "x86_64",
}
OS_NAMES = tuple(sorted({*_OS_NAMES.values()}))
MACHINES = tuple(sorted({*_MACHINE_NAMES.values()}))
