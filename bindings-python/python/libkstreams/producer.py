"""Sending records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from . import _native
from ._blocking import interruptible
from ._closing import close_behind, close_behind_async
from ._native import Future, Record, RecordMetadata
from ._units import Duration, Settings, Timestamp, setting_pairs
from ._units import timestamp as to_milliseconds

__all__ = ["Producer"]


class Producer:
    """Sends records to topics.

    A record goes into a buffer, is sent with others in batches, and its :class:`Future` says where it is or why it
    failed. Defaults are Java's: idempotent, acknowledged by all replicas, 5 ms of lingering, Java's partitioner. Any
    thread may send.

    Parameters
    ----------
    config : mapping, optional
        Settings, under Kafka's names.
    **settings
        More of them, with underscores for dots.

    Raises
    ------
    InvalidError
        A setting is unknown or wrong. A broker that cannot be reached is no error here.

    Examples
    --------
    >>> from libkstreams import EmbeddedCluster, Producer
    >>> with EmbeddedCluster() as cluster:
    ...     cluster.create_topic("greetings", 1)
    ...     with Producer(bootstrap_servers=cluster.bootstrap_servers) as producer:
    ...         producer.send("greetings", b"hello", key=b"en").result(10).offset
    0
    """

    def __init__(self, config: Settings | None = None, **settings: Any) -> None:
        self._native = _native.Producer(setting_pairs(config, settings))

    def send(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp: Timestamp | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
    ) -> Future[RecordMetadata]:
        """Buffers a record; the future says where it was written. Waits for room up to ``max.block.ms``.

        Parameters
        ----------
        topic : str
            The topic.
        value, key : bytes, optional
            ``None`` is Kafka's null.
        partition : int, optional
            The partition. Without one, the key's hash decides, as in Java.
        timestamp : int or datetime, optional
            Milliseconds since 1970. Without one, now.
        headers : sequence of (str, bytes or None)
            The headers.

        Raises
        ------
        RetriableError
            The buffer stayed full.
        InvalidError
            The record is too large.
        FatalError, FencedError
            The producer is unusable.
        ClosedError
            The producer is closed.

        Notes
        -----
        Everything else is in the future: :class:`TimeoutError` after ``delivery.timeout.ms``, :class:`InvalidError` for
        a topic that does not exist, :class:`DeniedError`. Dropping the future does not take the record back.
        """
        when = None if timestamp is None else to_milliseconds(timestamp)
        return self._native.send(topic, value, key, partition, when, list(headers))

    def send_batch(self, records: Iterable[Record[bytes | None, bytes | None]]) -> Future[list[RecordMetadata]]:
        """Buffers many records, waiting for room as :meth:`send` does. One future has the outcome of all.

        It fails with a :class:`PartialError` if any record failed: ``succeeded`` and ``failed`` say which.

        Raises
        ------
        ClosedError
            The producer is closed.
        """
        return interruptible(self._native.send_batch, list(records))

    @property
    def outstanding(self) -> int:
        """How many records have no answer yet."""
        return self._native.outstanding()

    def flush(self, timeout: Duration = 60.0) -> None:
        """Sends what is buffered at once and waits until every record has its answer. What failed is in the futures.

        Parameters
        ----------
        timeout : float or timedelta
            How long to wait, in seconds.

        Raises
        ------
        TimeoutError
            Some records have no answer yet; they are still being sent.
        ClosedError
            The producer is closed.
        """
        interruptible(self._native.flush, timeout)

    def close(self, timeout: Duration = 60.0) -> None:
        """Flushes, then ends the producer.

        Parameters
        ----------
        timeout : float or timedelta
            How long to wait, in seconds.

        Raises
        ------
        TimeoutError
            Records were lost: their futures say which.
        ClosedError
            The producer was closed before.
        """
        interruptible(self._native.close, timeout)

    def __enter__(self) -> Producer:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        close_behind(exc, self.close)

    async def __aenter__(self) -> Producer:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await close_behind_async(exc, self._native.close, 60.0)

    def __repr__(self) -> str:
        return f"<Producer, {self.outstanding} records without an answer>"
