"""A real Chromium without a window, for the tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REQUIRED = os.environ.get("CECLI_TEST_PAGE") == "required"
"""Whether a machine without Chromium fails these tests instead of skipping them."""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return Chromium; without one the tests are skipped, or fail where it is required."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if REQUIRED:
            pytest.fail("Chromium is required, and there is none on the PATH")
        pytest.skip("needs Chromium on the PATH (Debian's package: chromium)")
    from playwright.sync_api import sync_playwright

    home = str(tmp_path_factory.mktemp("browser"))
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            args=[*as_root, "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu"],
            env={"PATH": os.environ["PATH"], "HOME": home, "TZ": os.environ.get("TZ", "UTC")},
        )
        yield started
        started.close()
