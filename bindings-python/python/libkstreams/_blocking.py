"""Calls that wait in the library, so that signals still get through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def interruptible(work: Callable[..., T], *arguments: Any) -> T:
    """Calls something that waits. On the main thread, where signals arrive, it waits beside it, so that Ctrl-C works at
    once; the call itself goes on then."""
    if threading.current_thread() is not threading.main_thread():
        return work(*arguments)
    outcome: list[T] = []
    failure: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            outcome.append(work(*arguments))
        except BaseException as error:
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="libkstreams-call", daemon=True).start()
    done.wait()
    if failure:
        raise failure[0]
    return outcome[0]
