"""Reading topics as a member of a group."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, NamedTuple, Optional

from . import _native
from ._blocking import interruptible
from ._closing import close_behind, close_behind_async
from ._native import Future, Record
from ._units import Duration, Settings, seconds, setting_pairs
from .errors import CancelledError, ClosedError, InvalidError

__all__ = ["Consumer", "Offset", "TopicPartition"]

Bytes = Record[Optional[bytes], Optional[bytes]]

_ALL = 2**31 - 1
_CLOSING = 30.0


class TopicPartition(NamedTuple):
    """A partition of a topic."""

    topic: str
    """The topic."""
    partition: int
    """The partition's number, from 0."""


class Offset(NamedTuple):
    """A place in a partition, and a note that is committed with it."""

    offset: int
    """The next offset to read."""
    metadata: str = ""
    """What the group stores with it."""


class Consumer:
    """Reads topics as a member of a group.

    The program says what was processed: :meth:`commit`. Nothing is committed by itself. One thread at a time may use a
    consumer; only :meth:`wakeup` and :meth:`close` may be called by others.

    Parameters
    ----------
    config : mapping, optional
        Settings, under Kafka's names. ``group.id`` is required.
    **settings
        More of them, with underscores for dots.

    Raises
    ------
    InvalidError
        A setting is unknown or wrong, or ``group.id`` is missing. A broker that cannot be reached is no error here.

    Examples
    --------
    >>> from libkstreams import Consumer, EmbeddedCluster, Producer
    >>> with EmbeddedCluster() as cluster:
    ...     cluster.create_topic("greetings", 1)
    ...     config = {"bootstrap.servers": cluster.bootstrap_servers}
    ...     with Producer(config) as producer:
    ...         metadata = producer.send("greetings", b"hello").result(10)
    ...     with Consumer(config, group_id="readers", auto_offset_reset="earliest") as consumer:
    ...         consumer.subscribe("greetings")
    ...         for record in consumer:
    ...             print(record.value)
    ...             consumer.commit()
    ...             break
    b'hello'
    """

    def __init__(self, config: Settings | None = None, **settings: Any) -> None:
        self._native = _native.Consumer(setting_pairs(config, settings))
        self._buffer: Iterator[Bytes] = iter([])
        self._polling: asyncio.Future[list[Bytes]] | None = None
        self._executor: ThreadPoolExecutor | None = None

    def subscribe(self, topics: str | Iterable[str]) -> None:
        """Joins the group for these topics, instead of those before. A name that begins with ``^`` is a regular
        expression.

        Raises
        ------
        InvalidError
            A name is impossible, or there are no topics.
        ClosedError
            The consumer is closed.
        """
        self._native.subscribe([topics] if isinstance(topics, str) else list(topics))

    @property
    def assignment(self) -> list[TopicPartition]:
        """The partitions that the group gave to this member."""
        return [TopicPartition(*partition) for partition in self._native.assignment()]

    def poll(self, timeout: Duration | None = None, *, max_records: int | None = None) -> list[Bytes]:
        """The next records: those of one partition in the order of their offsets.

        Poll at least every ``max.poll.interval.ms``, or the group gives the partitions to others.

        Parameters
        ----------
        timeout : float or timedelta, optional
            How long to wait for a record, in seconds; the list is empty then. Without it, for ever.
        max_records : int, optional
            How many records at most; never more than ``max.poll.records``.

        Raises
        ------
        CancelledError
            :meth:`wakeup` was called.
        RetriableError
            No broker could be reached yet.
        InvalidError
            A subscribed topic does not exist, an offset is gone, or another thread uses the consumer.
        DeniedError
            The principal may not read the topic or be in the group.
        AbortableError
            The group gave the partitions away meanwhile.
        FatalError, FencedError, ClosedError
            The consumer is unusable. After all others, polling goes on.
        """
        rest = list(self._buffer)
        if rest:
            # Records that an iteration left. What is too much goes back.
            limit = len(rest) if max_records is None else max_records
            self._buffer = iter(rest[limit:])
            return rest[:limit]
        return self._native.poll(timeout, _ALL if max_records is None else max_records)

    def __iter__(self) -> Iterator[Bytes]:
        """All records as they come, without an end until :meth:`close` or :meth:`wakeup`.

        A loop may be left and entered again; :meth:`commit` inside of it commits what the loop has seen, its present
        record included.
        """
        while True:
            yield from self._buffer
            try:
                self._buffer = iter(self._native.poll(None, _ALL))
            except (CancelledError, ClosedError):
                return

    async def __aiter__(self) -> AsyncIterator[Bytes]:
        """As :meth:`__iter__`, for ``async for``. Polls run on a thread of their own."""
        while True:
            for record in self._buffer:
                yield record
            try:
                self._buffer = iter(await self._poll_async(None))
            except (CancelledError, ClosedError):
                return

    def batches(self, *, max_records: int | None = None) -> Iterator[list[Bytes]]:
        """All records in lists as polls give them, never empty ones."""
        while True:
            try:
                batch = self.poll(None, max_records=max_records)
            except (CancelledError, ClosedError):
                return
            if batch:
                yield batch

    async def poll_async(self, timeout: Duration | None = None) -> list[Bytes]:
        """As :meth:`poll`, beside the loop. Cancelling the task loses no records: the next call gets them."""
        rest = list(self._buffer)
        self._buffer = iter([])
        return rest or await self._poll_async(timeout)

    async def _poll_async(self, timeout: Duration | None) -> list[Bytes]:
        # A cancelled task leaves its poll behind, with the records that it may get.
        if self._polling is None:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, "libkstreams-poll")
            loop = asyncio.get_running_loop()
            self._polling = loop.run_in_executor(self._executor, self._native.poll, timeout, _ALL)
        polling = self._polling
        try:
            return await asyncio.shield(polling)
        finally:
            if polling.done():
                self._polling = None

    def commit(
        self, offsets: Mapping[tuple[str, int], int | Offset] | None = None, *, timeout: Duration = 60.0
    ) -> None:
        """Commits what was processed, and waits for the answer.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int or Offset, optional
            The next offset of each partition. Without it, everything that :meth:`poll` has returned and loops have seen.
        timeout : float or timedelta
            How long to wait, in seconds.

        Raises
        ------
        AbortableError
            The group gave the partitions to others: their records are delivered again.
        RetriableError
            The group rebalances: poll, then commit.
        TimeoutError
            The outcome is not known.
        ClosedError
            The consumer is closed.
        """
        if offsets is None:
            interruptible(self._native.commit, self._unseen(), timeout)
            return
        pairs = [(tuple(place), offset if isinstance(offset, tuple) else (offset, "")) for place, offset in offsets.items()]
        flat = [((place[0], place[1]), offset[0], offset[1]) for place, offset in pairs]
        interruptible(self._native.commit_offsets, flat, timeout)

    def commit_async(self) -> Future[None]:
        """As :meth:`commit`, but the answer is in the future. Not inside of a loop over records.

        Raises
        ------
        InvalidError
            A loop over records has not seen all that were polled: they would be committed.
        ClosedError
            The consumer is closed.
        """
        if self._unseen():
            raise InvalidError("a loop over records has not seen all of them: commit in it, or poll by hand")
        return self._native.commit_async()

    def _unseen(self) -> list[Bytes]:
        """The records that were polled and that a loop has not given out yet."""
        if not operator.length_hint(self._buffer):
            return []
        rest = list(self._buffer)
        self._buffer = iter(rest)
        return rest

    def committed(
        self, partitions: Iterable[tuple[str, int]], *, timeout: Duration = 60.0
    ) -> dict[TopicPartition, Offset | None]:
        """What the group has committed for each partition; ``None`` for nothing.

        Raises
        ------
        TimeoutError, RetriableError
            No coordinator answered.
        ClosedError
            The consumer is closed.
        """
        places = [TopicPartition(*place) for place in partitions]
        found = interruptible(self._native.committed, places, timeout)
        return {place: None if offset is None else Offset(*offset) for place, offset in zip(places, found, strict=True)}

    def wakeup(self) -> None:
        """Lets the poll that waits now, or else the next one, raise :class:`CancelledError`. From any thread."""
        self._native.wakeup()

    def close(self, timeout: Duration = _CLOSING) -> None:
        """Leaves the group and ends the consumer, without a commit. A call in another thread is woken.

        Parameters
        ----------
        timeout : float or timedelta
            How long to wait, in seconds.

        Raises
        ------
        TimeoutError
            Another thread did not give the consumer back, or the client is still ending in the background.
        ClosedError
            The consumer was closed before.
        """
        interruptible(self._close, timeout)

    def _close(self, timeout: Duration) -> None:
        try:
            self._native.close(seconds(timeout))
        finally:
            if self._executor is not None:
                self._executor.shutdown(wait=False)

    def __enter__(self) -> Consumer:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        close_behind(exc, self.close)

    async def __aenter__(self) -> Consumer:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await close_behind_async(exc, self._close, _CLOSING)
