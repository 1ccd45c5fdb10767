"""What the tests share. They run against the installed package, never against the sources beside them."""

from __future__ import annotations

import os
import pathlib
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import libkstreams
import pytest
from libkstreams import EmbeddedCluster

SOURCES = pathlib.Path(__file__).resolve().parents[1]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuses to test anything but the installed wheel."""
    package = pathlib.Path(libkstreams.__file__).resolve()
    if SOURCES in package.parents:
        pytest.exit(f"the package was imported from its sources: {package}", returncode=3)


@pytest.fixture
def cluster() -> Iterator[EmbeddedCluster]:
    """A cluster inside of the test's process."""
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The address of a real broker."""
    program = os.environ.get("KS_BROKER")
    if program is None:
        pytest.skip("KS_BROKER names no program that starts a broker")
    broker = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert broker.stdin is not None and broker.stdout is not None
    try:
        address = broker.stdout.readline().strip()
        assert address, "the broker did not start"
        yield address
    finally:
        broker.stdin.close()
        broker.wait(60)
        broker.stdout.close()


@pytest.fixture
def application(cluster: EmbeddedCluster, tmp_path: pathlib.Path) -> dict[str, Any]:
    """Settings of an application of its own on the embedded cluster."""
    return {
        "application.id": f"app-{uuid.uuid4().hex[:8]}",
        "bootstrap.servers": cluster.bootstrap_servers,
        "state.dir": str(tmp_path),
        "statestore.cache.max.bytes": 0,
        "auto.offset.reset": "earliest",
        # The embedded cluster forgets members only when their sessions end.
        "session.timeout.ms": 2000,
        "heartbeat.interval.ms": 300,
    }


Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def wait_until() -> Wait:
    """Waits until something holds."""

    def wait(condition: Callable[[], object], timeout: float = 30.0) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true"
            time.sleep(0.01)

    return wait
