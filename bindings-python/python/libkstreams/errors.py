"""The exceptions of this library. Their kind says what to do.

A function of yours that raises inside of a topology is different: its own exception, the same object, arrives at the
exception handlers and at whoever waits for the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

__all__ = [
    "AbortableError",
    "CancelledError",
    "ClosedError",
    "DataError",
    "DeniedError",
    "FatalError",
    "FencedError",
    "InternalError",
    "InvalidError",
    "KafkaError",
    "PartialError",
    "ResourceError",
    "RetriableError",
    "TimeoutError",
    "UserError",
]

_BuiltinTimeoutError = TimeoutError


class KafkaError(Exception):
    """The base of all exceptions of this library.

    Parameters
    ----------
    message : str
        What happened, in lower case and without a full stop.
    code : int
        Kafka's protocol error code, or 0 if the error does not come from a broker.
    facts : mapping of str to str, optional
        What it happened to, such as ``{"topic": "orders"}``. Facts are printed after the message.
    """

    kind: ClassVar[str] = ""
    """What to do, in one word: ``retriable``, ``invalid``, …"""

    message: str
    """What happened, without the facts."""
    code: int
    """Kafka's protocol error code, or 0."""
    facts: dict[str, str]
    """What it happened to."""

    def __init__(self, message: str = "", *, code: int = 0, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.facts = dict(facts or {})

    @property
    def topic(self) -> str | None:
        """The topic, if it is one of the facts."""
        return self.facts.get("topic")

    @property
    def partition(self) -> int | None:
        """The partition, if it is one of the facts."""
        partition = self.facts.get("partition")
        return None if partition is None else int(partition)

    def __str__(self) -> str:
        return " ".join([self.message, *(f"{name}=`{value}`" for name, value in self.facts.items())])

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.code, self.facts), {"__cause__": self.__cause__}


def _rebuild(cls: type[KafkaError], message: str, code: int, facts: dict[str, str]) -> KafkaError:
    return cls(message, code=code, facts=facts)


class RetriableError(KafkaError):
    """Repeat the call, after a pause."""

    kind = "retriable"


class AbortableError(KafkaError):
    """Abort the transaction, then begin again."""

    kind = "abortable"


class FencedError(KafkaError):
    """Another instance took over: close, create anew."""

    kind = "fenced"


class InvalidError(KafkaError):
    """A wrong argument, setting or order of calls."""

    kind = "invalid"


class DeniedError(KafkaError, PermissionError):
    """The broker or the operating system refuses this principal."""

    kind = "denied"


class DataError(KafkaError):
    """Data that cannot be read or written as declared; skip or repair them."""

    kind = "data"


class ClosedError(KafkaError):
    """The object was closed."""

    kind = "closed"


class CancelledError(KafkaError):
    """The call was cancelled."""

    kind = "cancelled"


class UserError(KafkaError):
    """A callback of the program failed."""

    kind = "user"


class InternalError(KafkaError):
    """A bug in this library."""

    kind = "internal"


class TimeoutError(KafkaError, _BuiltinTimeoutError):
    """A deadline passed; the message says whether the outcome is known."""

    kind = "timeout"


class ResourceError(KafkaError):
    """Disk, lock or memory: free it, then retry."""

    kind = "resource"


class FatalError(KafkaError):
    """This object is unusable: make a new one."""

    kind = "fatal"


class PartialError(KafkaError):
    """Some items of one call succeeded, others failed.

    Its kind is that of the first failure, and that failure is its ``__cause__``.

    Attributes
    ----------
    succeeded : list
        The results of what succeeded: ``(place, result)``, where the place is the index in the call, or a topic's name.
    failed : list
        The exceptions of what failed: ``(place, exception)``.
    """

    succeeded: list[tuple[Any, Any]]
    failed: list[tuple[Any, BaseException]]

    def __init__(self, succeeded: Sequence[tuple[Any, Any]], failed: Sequence[tuple[Any, BaseException]]) -> None:
        first = failed[0][1]
        super().__init__(f"{len(failed)} of {len(succeeded) + len(failed)} failed", code=getattr(first, "code", 0))
        self.succeeded = list(succeeded)
        self.failed = list(failed)
        self.kind = getattr(first, "kind", "user")  # type: ignore[misc]
        self.__cause__ = first

    def __reduce__(self) -> tuple[Any, ...]:
        return PartialError, (self.succeeded, self.failed)


_BY_KIND: dict[str, type[KafkaError]] = {
    cls.kind: cls
    for cls in (
        RetriableError,
        AbortableError,
        FencedError,
        InvalidError,
        DeniedError,
        DataError,
        ClosedError,
        CancelledError,
        UserError,
        InternalError,
        TimeoutError,
        ResourceError,
        FatalError,
    )
}


def _from_native(kind: str, message: str, code: int, facts: dict[str, str]) -> KafkaError:
    """What the native half raises for an error."""
    return _BY_KIND.get(kind, KafkaError)(message, code=code, facts=facts)
