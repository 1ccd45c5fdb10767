"""The library's logs, in Python's ``logging``."""

from __future__ import annotations

import logging
from typing import Literal

from . import _native

__all__ = ["set_log_level"]

Level = Literal["error", "warn", "info", "debug", "trace"]

_root = logging.getLogger("libkstreams")
_root.addHandler(logging.NullHandler())


def set_log_level(level: Level) -> None:
    """Sets from which level on the library hands its log records to ``logging``: ``info`` at first.

    They come from the loggers below ``libkstreams``, on a thread of their own. What is below this level is not even made.
    """
    _native.set_logger(level, _emit)


def _emit(level: int, target: str, message: str, timestamp_ms: int) -> None:
    name = "libkstreams." + target.removeprefix("kstreams").strip(":").replace("::", ".")
    logger = logging.getLogger(name.rstrip("."))
    if logger.isEnabledFor(level):
        record = logger.makeRecord(logger.name, level, "", 0, message, (), None)
        record.created = timestamp_ms / 1000
        record.msecs = timestamp_ms % 1000
        logger.handle(record)
