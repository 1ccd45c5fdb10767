"""Testing without a broker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Union

from . import _native
from ._native import Record, Topology
from ._units import Duration, Settings, Timestamp, milliseconds, setting_pairs, timestamp
from .dsl import SerdeLike
from .handlers import ExceptionHandler

__all__ = ["TestDriver"]

Row = Union[tuple[Any, Any], tuple[Any, Any, int]]


class TestDriver:
    """Runs a topology in this process, without a broker: Kafka Streams' ``TopologyTestDriver``.

    Each topic has one partition. What the topology sends to a topic that it reads comes back before the call returns.
    Functions of the topology run in the thread that calls; what they raise comes out of :meth:`pipe`, unless a handler
    decides otherwise. Keys and values are ``bytes`` where no serde is given. A driver belongs to one thread at a time.

    Parameters
    ----------
    topology : Topology
        What to run.
    config : mapping, optional
        Settings, under Kafka's names.
    start : int or datetime
        The wall clock at the beginning, in milliseconds since 1970.
    deserialization_handler, processing_handler, production_handler : callable, optional
        ``handler(context, exception)`` returns a :class:`HandlerResponse` for a record that cannot be read, processed or
        written. Without one, the settings say what happens.
    **settings
        More settings, with underscores for dots.

    Raises
    ------
    InvalidError
        A setting is wrong, or a serde is missing.
    ResourceError
        There is no temporary directory.

    Examples
    --------
    >>> from libkstreams import StreamsBuilder, TestDriver
    >>> builder = StreamsBuilder()
    >>> words = builder.stream("words", key_serde="string", value_serde="string")
    >>> words.group_by(lambda key, word: word).count().to_stream().to("counts", value_serde="long")
    >>> config = {"default.key.serde": "string", "default.value.serde": "string", "statestore.cache.max.bytes": 0}
    >>> with TestDriver(builder.build(), config) as driver:
    ...     for word in ["to", "be", "to"]:
    ...         driver.pipe("words", None, word, key_serde="string", value_serde="string")
    ...     [(r.key, r.value) for r in driver.read("counts", key_serde="string", value_serde="long")]
    [('to', 1), ('be', 1), ('to', 2)]
    """

    __test__ = False  # for pytest: this is no test

    def __init__(
        self,
        topology: Topology,
        config: Settings | None = None,
        *,
        start: Timestamp = 0,
        deserialization_handler: ExceptionHandler | None = None,
        processing_handler: ExceptionHandler | None = None,
        production_handler: ExceptionHandler | None = None,
        **settings: Any,
    ) -> None:
        self._native = _native.TestDriver(
            topology,
            setting_pairs(config, settings),
            timestamp(start),
            deserialization_handler,
            processing_handler,
            production_handler,
        )

    def pipe(
        self,
        topic: str,
        key: Any,
        value: Any,
        *,
        timestamp: Timestamp = 0,
        headers: Sequence[tuple[str, bytes | None]] = (),
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
    ) -> None:
        """Pipes a record in and processes everything that follows from it, with a commit after each processed record.

        Parameters
        ----------
        topic : str
            A topic that the topology reads.
        key, value
            What the serdes take; ``bytes`` or ``None`` without one.
        timestamp : int or datetime
            The record's timestamp, in milliseconds since 1970.
        headers : sequence of (str, bytes or None)
            The record's headers.
        key_serde, value_serde : Serde or str, optional
            How key and value are written.

        Raises
        ------
        InvalidError
            The topology does not read the topic.
        DataError
            A serde cannot write or read the record.
        ClosedError
            The driver is closed, or an earlier call failed.
        """
        self._native.pipe(topic, key, value, _timestamp(timestamp), list(headers), key_serde, value_serde)

    def pipe_batch(
        self,
        topic: str,
        records: Iterable[Row],
        *,
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
    ) -> None:
        """Pipes many records in, processes them all, and commits once: what a running application does.

        Parameters
        ----------
        topic : str
            A topic that the topology reads.
        records : iterable of (key, value) or (key, value, timestamp)
            The records, with timestamps in milliseconds since 1970, 0 where there is none.
        key_serde, value_serde : Serde or str, optional
            How keys and values are written.
        """
        self._native.pipe_batch(topic, records, key_serde, value_serde)

    def advance_wall_clock(self, by: Duration) -> None:
        """Moves the wall clock, by seconds or a timedelta, and commits."""
        self._native.advance_wall_clock(milliseconds(by))

    def read(
        self, topic: str, *, key_serde: SerdeLike | None = None, value_serde: SerdeLike | None = None
    ) -> list[Record[Any, Any]]:
        """Takes what was sent to a topic since the last call, in order."""
        return self._native.read(topic, key_serde, value_serde)

    def outputs(self) -> list[Record[bytes | None, bytes | None]]:
        """Takes everything that was sent since the last call, to all topics, in order: as ``bytes``."""
        return self._native.outputs()

    def store(
        self, name: str, *, key_serde: SerdeLike | None = None, value_serde: SerdeLike | None = None
    ) -> dict[Any, Any]:
        """The rows of a store in the order of their keys' bytes, with what its cache still holds.

        Raises
        ------
        InvalidError
            The topology has no such store.
        """
        return self._native.store(name, key_serde, value_serde)

    @property
    def store_names(self) -> list[str]:
        """The names of the stores."""
        return self._native.store_names()

    @property
    def dropped(self) -> int:
        """How many records were dropped (``dropped-records-total``)."""
        return self._native.dropped()

    def close(self) -> None:
        """Closes the stores and removes their directory. May be called again."""
        self._native.close()

    def __enter__(self) -> TestDriver:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


_timestamp = timestamp
