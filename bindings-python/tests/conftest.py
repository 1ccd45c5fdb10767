"""What the tests share. They run against the installed package, never against the sources beside them."""

from __future__ import annotations

import pathlib

import libkstreams
import pytest

SOURCES = pathlib.Path(__file__).resolve().parents[1]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuses to test anything but the installed wheel."""
    package = pathlib.Path(libkstreams.__file__).resolve()
    if SOURCES in package.parents:
        pytest.exit(f"the package was imported from its sources: {package}", returncode=3)
