"""The running application."""

from __future__ import annotations

import atexit
import contextlib
import enum
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

from . import _native
from ._blocking import interruptible
from ._closing import close_behind
from ._native import Topology
from ._units import Duration, Settings, setting_pairs
from .consumer import TopicPartition
from .errors import KafkaError
from .handlers import ExceptionHandler

__all__ = ["KafkaStreams", "LocalTask", "State", "UncaughtResponse"]

_CLOSING = 30.0
_AT_EXIT = 5.0
_INTERRUPTED = 1.0


class State(str, enum.Enum):
    """What an application is doing, with Kafka Streams' names."""

    CREATED = "CREATED"
    """Made, and not started yet."""
    REBALANCING = "REBALANCING"
    """Its topics, its partitions or its stores are not all there yet."""
    RUNNING = "RUNNING"
    """All threads process records."""
    PENDING_SHUTDOWN = "PENDING_SHUTDOWN"
    """It was asked to close and is committing."""
    NOT_RUNNING = "NOT_RUNNING"
    """Closed. It cannot be started again."""
    PENDING_ERROR = "PENDING_ERROR"
    """A failure ends it; what still runs is being stopped."""
    ERROR = "ERROR"
    """A failure has ended it. It cannot be started again."""


class UncaughtResponse(str, enum.Enum):
    """What happens after a failure that no exception handler took."""

    SHUTDOWN_CLIENT = "shutdown_client"
    """Stop this application: its state becomes ``ERROR``."""
    REPLACE_THREAD = "replace_thread"
    """Start a new thread in the place of the failed one. Its tasks go on from the last commit."""


@dataclass(frozen=True)
class LocalTask:
    """A task of this instance."""

    id: str
    """Subtopology and partition, such as ``0_1``."""
    thread: int
    """The thread that runs it, counted from 1."""
    partitions: tuple[TopicPartition, ...]
    """What it reads."""
    is_running: bool
    """Whether it processes: its stores are restored, and no rebalance holds it."""


class KafkaStreams:
    """A topology that runs on a Kafka cluster.

    It shares the work with all other instances that have the same ``application.id``. Functions of the topology run on
    threads of the library, many records in a row, with the interpreter's lock. Any thread may call the methods; inside
    of a function of the topology, a handler or a listener, :meth:`close` only asks for the end.

    Parameters
    ----------
    topology : Topology
        What to run.
    config : mapping, optional
        Settings, under Kafka's names. ``application.id`` and ``bootstrap.servers`` are required.
    state_listener : callable, optional
        ``state_listener(new, old)`` is told about each change of the :class:`State`.
    uncaught_exception_handler : callable, optional
        ``handler(exception)`` returns an :class:`UncaughtResponse` for a failure that no exception handler took. Without
        it, the application stops.
    deserialization_handler, processing_handler, production_handler : callable, optional
        ``handler(context, exception)`` returns a :class:`HandlerResponse` for a record that cannot be read, processed, or
        written. Without one, the settings say what happens.
    **settings
        More settings, with underscores for dots.

    Raises
    ------
    InvalidError
        A setting is missing or wrong.
    DeniedError
        There is no right to the state directory.
    ResourceError
        Another process uses the state directory.
    DataError
        The state directory has a foreign layout.

    Examples
    --------
    >>> from libkstreams import KafkaStreams, StreamsBuilder
    >>> builder = StreamsBuilder()
    >>> orders = builder.stream("orders", key_serde="string", value_serde="string")
    >>> orders.filter(lambda key, order: "paid" in order).to("paid-orders")
    >>> streams = KafkaStreams(builder.build(), application_id="orders", bootstrap_servers="localhost:9092")
    >>> streams.state
    <State.CREATED: 'CREATED'>
    >>> streams.run()  # doctest: +SKIP
    """

    def __init__(
        self,
        topology: Topology,
        config: Settings | None = None,
        *,
        state_listener: Callable[[State, State], object] | None = None,
        uncaught_exception_handler: Callable[[BaseException], UncaughtResponse] | None = None,
        deserialization_handler: ExceptionHandler | None = None,
        processing_handler: ExceptionHandler | None = None,
        production_handler: ExceptionHandler | None = None,
        **settings: Any,
    ) -> None:
        listener = state_listener
        self._native = _native.Application(
            topology,
            setting_pairs(config, settings),
            None if listener is None else lambda new, old: listener(State(new), State(old)),
            uncaught_exception_handler,
            deserialization_handler,
            processing_handler,
            production_handler,
        )

    def start(self) -> None:
        """Starts the threads and returns at once. A cluster that cannot be reached is waited for.

        A started application runs on, also when nobody has the object any more, until it is closed or the interpreter
        ends.

        Raises
        ------
        InvalidError
            It was started or closed before.
        ResourceError
            The system gives no thread.
        """
        self._native.start()
        _started.difference_update([streams for streams in _started if _is_over(streams.state)])
        _started.add(self)

    @property
    def state(self) -> State:
        """What the application is doing."""
        return State(self._native.state())

    @property
    def error(self) -> BaseException | None:
        """Why the application failed, or is failing. An exception of one of its functions is that very object."""
        return self._native.error()

    @property
    def metrics(self) -> dict[str, float]:
        """What was counted so far, under Kafka Streams' names, such as ``process-total`` and ``commit-total``."""
        return self._native.metrics()

    @property
    def local_tasks(self) -> list[LocalTask]:
        """The tasks of this instance."""
        return [
            LocalTask(name, thread, tuple(TopicPartition(*place) for place in places), is_running)
            for name, thread, places, is_running in self._native.local_tasks()
        ]

    def wait_for(self, state: State, timeout: Duration | None = None) -> None:
        """Waits until the application is in a state.

        Parameters
        ----------
        state : State
            The state.
        timeout : float or timedelta, optional
            How long to wait, in seconds. Without it, for ever.

        Raises
        ------
        TimeoutError
            It is not; the cause says what it waits for.
        BaseException
            What the application failed with, if that ended it.
        ClosedError
            It has ended in another state.
        """
        self._native.wait_for(State(state).value, timeout)

    def wait_until_stopped(self, timeout: Duration | None = None) -> None:
        """Waits until the application has come to its end.

        Raises
        ------
        TimeoutError
            It still runs.
        BaseException
            What the application failed with.
        """
        self._native.wait_until_stopped(timeout)

    def run(self, *, close_timeout: Duration = 1.5) -> None:
        """Starts the application and waits for its end: a failure, :meth:`close` by another thread, or a signal.

        On the main thread, Ctrl-C (SIGINT) and SIGTERM close it and let this call return. A second one while it closes has
        its usual effect.

        Parameters
        ----------
        close_timeout : float or timedelta
            How long closing after a signal may take, in seconds.

        Raises
        ------
        TimeoutError
            It did not close in time after a signal.
        BaseException
            What the application failed with.
        """
        with _signals() as stop:
            self.start()
            while not stop.is_set():
                # Signals come in between: each wait looks for them.
                if _is_over(self.state):
                    break
                with contextlib.suppress(KafkaError):
                    self._native.wait_until_stopped(0.05)
        if stop.is_set():
            self.close(close_timeout)
        else:
            self._native.wait_until_stopped(close_timeout)

    def close(self, timeout: Duration = _CLOSING) -> None:
        """Stops processing, commits, closes the stores and leaves the group. May be called again, to wait longer.

        Parameters
        ----------
        timeout : float or timedelta
            How long to wait, in seconds.

        Raises
        ------
        TimeoutError
            Something is not done yet, and goes on in the background; or it ended without a commit, because the cluster did
            not answer in time. Nothing is lost then, but records are processed again.
        """
        interruptible(self._native.close, timeout)
        _started.discard(self)

    def clean_up(self) -> None:
        """Deletes everything that the application keeps on disk, so that its stores are restored from their changelogs.

        Raises
        ------
        InvalidError
            It runs.
        DeniedError, ResourceError
            The operating system refuses, or another process uses the directory.
        """
        self._native.clean_up()

    def __enter__(self) -> KafkaStreams:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        close_behind(exc, self.close)

    def __repr__(self) -> str:
        return f"<KafkaStreams {self.state.name}>"


def _is_over(state: State) -> bool:
    return state in (State.NOT_RUNNING, State.ERROR)


@contextlib.contextmanager
def _signals() -> Any:
    """An event that SIGINT and SIGTERM set, where they can be handled: on the main thread."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            # None: a handler that was not set by Python.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


_started: set[KafkaStreams] = set()


def _close_all() -> None:
    """Closes what still runs while the interpreter can still be entered."""
    deadline = time.monotonic() + _AT_EXIT
    for streams in _started:
        _close_until(streams, deadline)
    # Functions that run on for ever would be running when there is no interpreter any more.
    deadline = time.monotonic() + _INTERRUPTED
    while time.monotonic() < deadline and any(not _is_over(streams.state) for streams in _started):
        _native.interrupt_functions(SystemExit)
        for streams in _started:
            _close_until(streams, time.monotonic() + 0.05)
    _native.clear_logger()


def _close_until(streams: KafkaStreams, deadline: float) -> None:
    with contextlib.suppress(BaseException):
        if not _is_over(streams.state):
            streams._native.close(max(0.0, deadline - time.monotonic()))


def _forget() -> None:
    """In the child of a fork there is nothing to close."""
    _started.clear()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget)
