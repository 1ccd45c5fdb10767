"""Awaiting futures of the library: many that are done at the same time wake their loop once."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import deque
from collections.abc import Generator
from typing import Any

from ._native import Future


class _Bell:
    """Wakes a loop for all waiters that became ready since it last ran."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready: deque[asyncio.Future[None]] = deque()
        self._lock = threading.Lock()
        self._rung = False

    def ring(self, waiter: asyncio.Future[None]) -> None:
        """Called on the library's thread."""
        self._ready.append(waiter)
        with self._lock:
            if self._rung:
                return
            self._rung = True
        try:
            self._loop.call_soon_threadsafe(self._drain)
        except RuntimeError:
            # The loop is closed: nobody waits any more.
            self._ready.clear()

    def _drain(self) -> None:
        with self._lock:
            self._rung = False
        while self._ready:
            waiter = self._ready.popleft()
            if not waiter.done():
                waiter.set_result(None)


_bells: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Bell] = weakref.WeakKeyDictionary()


def wait_for(future: Future[Any]) -> Generator[Any, None, Any]:
    """What `Future.__await__` returns."""
    if not future.done():
        loop = asyncio.get_running_loop()
        bell = _bells.get(loop) or _bells.setdefault(loop, _Bell(loop))
        waiter: asyncio.Future[None] = loop.create_future()
        future.add_done_callback(lambda _: bell.ring(waiter))
        yield from waiter
    return future.result(0)
