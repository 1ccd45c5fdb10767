"""What an application decides about records that fail."""

from __future__ import annotations

import enum
from collections.abc import Callable

from ._native import FailureContext

__all__ = ["ExceptionHandler", "FailureContext", "HandlerResponse"]


class HandlerResponse(str, enum.Enum):
    """What an exception handler decides."""

    FAIL = "fail"
    """Stop: the task ends, and the uncaught exception handler gets the exception."""
    CONTINUE = "continue"
    """Go on without the record. It is counted in ``dropped-records-total``."""


ExceptionHandler = Callable[[FailureContext, BaseException], HandlerResponse]
"""``handler(context, exception)``. It runs on the thread that processes. One that raises decides for ``FAIL``."""
