"""Streams and tables: what an application does with its records.

Functions get a key and a value as ``str``, ``int``, ``float``, ``bytes``, ``bool`` or ``None``, as the serdes say, and
return such objects. What they raise arrives at the application's exception handlers as the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, Union

from . import _native
from ._native import Record, Serde, Topology
from ._units import Settings, setting_pairs

__all__ = ["KGroupedStream", "KStream", "KTable", "Materialized", "StreamsBuilder"]

K = TypeVar("K")
V = TypeVar("V")
K2 = TypeVar("K2")
V2 = TypeVar("V2")

SerdeLike = Union[Serde, str]
Partitioner = Callable[[str, Any, Any, int], Union[int, Iterable[int], None]]


@dataclass(frozen=True)
class Materialized:
    """How a table is kept.

    Parameters
    ----------
    name : str, optional
        The store's name, so that its changelog keeps its name when the topology changes.
    key_serde, value_serde : Serde or str, optional
        How its rows are written. Without one, what is known from the stream.
    store : {"rocksdb", "memory"}, optional
        Where it is kept. Without it, the setting ``dsl.store`` says it.
    caching : bool
        Whether changes of a key are collected, and the last one is passed on at a commit. False passes on every change.
    logging : bool
        Whether there is a changelog. Without one, what the store held is lost when its task moves.
    topic_config : mapping of str to str
        Topic settings of the changelog.
    """

    name: str | None = None
    key_serde: SerdeLike | None = None
    value_serde: SerdeLike | None = None
    store: Literal["rocksdb", "memory"] | None = None
    caching: bool = True
    logging: bool = True
    topic_config: Mapping[str, str] = field(default_factory=dict)


class StreamsBuilder:
    """Builds a :class:`Topology` from streams and tables.

    A mistake raises :class:`InvalidError` at the call that made it.

    Examples
    --------
    >>> from libkstreams import StreamsBuilder
    >>> builder = StreamsBuilder()
    >>> orders = builder.stream("orders", key_serde="string", value_serde="string")
    >>> orders.filter(lambda key, order: "paid" in order).to("paid-orders")
    >>> print(builder.build())
    Topologies:
       Sub-topology: 0
        Source: KSTREAM-SOURCE-0000000000 (topics: [orders])
          --> KSTREAM-FILTER-0000000001
        Processor: KSTREAM-FILTER-0000000001 (stores: [])
          --> KSTREAM-SINK-0000000002
          <-- KSTREAM-SOURCE-0000000000
        Sink: KSTREAM-SINK-0000000002 (topic: paid-orders)
          <-- KSTREAM-FILTER-0000000001
    <BLANKLINE>
    <BLANKLINE>
    """

    def __init__(self) -> None:
        self._native = _native.Builder()

    def stream(
        self,
        topics: str | Iterable[str],
        *,
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
        name: str | None = None,
        timestamp_extractor: Callable[[Record[Any, Any], int], int] | None = None,
        offset_reset: Literal["earliest", "latest", "none"] | None = None,
    ) -> KStream[Any, Any]:
        """A stream of the records of one or several topics.

        Parameters
        ----------
        topics : str or iterable of str
            The topics.
        key_serde, value_serde : Serde or str, optional
            How the records are read. Without one, the settings ``default.key.serde`` and ``default.value.serde`` say it.
        name : str, optional
            The node's name, instead of a generated one.
        timestamp_extractor : callable, optional
            Gets a record and the highest timestamp of its partition so far, -1 at first, and returns the record's
            timestamp in milliseconds. A negative one drops the record.
        offset_reset : {"earliest", "latest", "none"}, optional
            Where to begin when the group has no offset. Without it, the setting ``auto.offset.reset`` says it.

        Raises
        ------
        InvalidError
            A name is not possible.
        """
        names = [topics] if isinstance(topics, str) else list(topics)
        return KStream(self._native.stream(names, name, key_serde, value_serde, timestamp_extractor, offset_reset))

    def build(self, config: Settings | None = None, **settings: Any) -> Topology:
        """The topology.

        Parameters
        ----------
        config : mapping, optional
            Settings that change the topology: ``topology.optimization``, ``dsl.store``,
            ``ensure.explicit.internal.resource.naming``. Others may be in it.
        **settings
            More of them, with underscores for dots.

        Raises
        ------
        InvalidError
            A node, store or topic occurs twice; a setting is wrong.
        """
        pairs = setting_pairs(config, settings)
        return self._native.build(pairs or None)

    def __repr__(self) -> str:
        return "StreamsBuilder()"


class KStream(Generic[K, V]):
    """A stream of records. Made by :meth:`StreamsBuilder.stream` and by the methods of other streams.

    Each operator takes a ``name`` for its node, instead of a generated one.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Stream) -> None:
        self._native = native

    def filter(self, predicate: Callable[[K, V], object], *, name: str | None = None) -> KStream[K, V]:
        """The records for which ``predicate(key, value)`` is true."""
        return KStream(self._native.filter(predicate, name))

    def filter_not(self, predicate: Callable[[K, V], object], *, name: str | None = None) -> KStream[K, V]:
        """The records for which ``predicate(key, value)`` is not true."""
        return KStream(self._native.filter_not(predicate, name))

    def map(self, mapper: Callable[[K, V], tuple[K2, V2]], *, name: str | None = None) -> KStream[K2, V2]:
        """New keys and values: ``mapper(key, value)`` returns both. Grouping what comes out repartitions it."""
        return KStream(self._native.map(mapper, name))

    def map_values(self, mapper: Callable[[K, V], V2], *, name: str | None = None) -> KStream[K, V2]:
        """New values: ``mapper(key, value)`` returns one."""
        return KStream(self._native.map_values(mapper, name))

    def flat_map(
        self, mapper: Callable[[K, V], Iterable[tuple[K2, V2]]], *, name: str | None = None
    ) -> KStream[K2, V2]:
        """Any number of records for each one, in order: ``mapper(key, value)`` returns an iterable of pairs.

        A generator runs as far as its items are needed: what it does between two of them happens between them.
        """
        return KStream(self._native.flat_map(mapper, name))

    def flat_map_values(self, mapper: Callable[[K, V], Iterable[V2]], *, name: str | None = None) -> KStream[K, V2]:
        """Any number of values for each record, in order, under the same key: see :meth:`flat_map`."""
        return KStream(self._native.flat_map_values(mapper, name))

    def select_key(self, selector: Callable[[K, V], K2], *, name: str | None = None) -> KStream[K2, V]:
        """New keys: ``selector(key, value)`` returns one. Grouping what comes out repartitions it."""
        return KStream(self._native.select_key(selector, name))

    def peek(self, action: Callable[[K, V], object], *, name: str | None = None) -> KStream[K, V]:
        """Calls ``action(key, value)`` for each record and passes it on."""
        return KStream(self._native.peek(action, name))

    def for_each(self, action: Callable[[K, V], object], *, name: str | None = None) -> None:
        """Calls ``action(key, value)`` for each record; nothing comes after it."""
        self._native.for_each(action, name)

    def merge(self, other: KStream[K, V], *, name: str | None = None) -> KStream[K, V]:
        """The records of both streams, without an order between them.

        Raises
        ------
        InvalidError
            The other stream belongs to another builder.
        """
        return KStream(self._native.merge(other._native, name))

    def repartition(
        self,
        *,
        name: str | None = None,
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
        partitions: int | None = None,
        partitioner: Partitioner | None = None,
    ) -> KStream[K, V]:
        """Writes the records to an internal topic by their keys and reads them back. Records without a key vanish.

        Parameters
        ----------
        name : str, optional
            The topic becomes ``<application.id>-<name>-repartition``.
        key_serde, value_serde : Serde or str, optional
            How the records are written. Without one, what is known from before, or the default serdes.
        partitions : int, optional
            How many partitions the topic gets. Without it, as many as what is read here.
        partitioner : callable, optional
            See :meth:`to`.
        """
        return KStream(self._native.repartition(name, key_serde, value_serde, partitions, partitioner))

    def group_by_key(
        self,
        *,
        name: str | None = None,
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
    ) -> KGroupedStream[K, V]:
        """Groups by the present key.

        Parameters
        ----------
        name : str, optional
            The name of the repartition topic, should one be needed.
        key_serde, value_serde : Serde or str, optional
            How records are written to it and to stores. Without any option, what is known from before.
        """
        return KGroupedStream(self._native.group_by_key(name, key_serde, value_serde))

    def group_by(
        self,
        selector: Callable[[K, V], K2],
        *,
        name: str | None = None,
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
    ) -> KGroupedStream[K2, V]:
        """Groups by a new key, which ``selector(key, value)`` returns: the stream is repartitioned by it.

        The options are those of :meth:`group_by_key`.
        """
        return KGroupedStream(self._native.group_by(selector, name, key_serde, value_serde))

    def to(
        self,
        topic: str,
        *,
        key_serde: SerdeLike | None = None,
        value_serde: SerdeLike | None = None,
        name: str | None = None,
        partitioner: Partitioner | None = None,
    ) -> None:
        """Writes the records to a topic.

        Parameters
        ----------
        topic : str
            The topic, which must exist.
        key_serde, value_serde : Serde or str, optional
            How they are written. Without one, what is known from before, or the default serdes.
        name : str, optional
            The node's name.
        partitioner : callable, optional
            ``partitioner(topic, key, value, partitions)`` returns a partition, or several, each of which gets a copy;
            none of them drops the record. ``None`` leaves it to the producer, which goes by the key.
        """
        self._native.to(topic, name, key_serde, value_serde, partitioner)


class KGroupedStream(Generic[K, V]):
    """A stream whose records are together by their keys. Made by :meth:`KStream.group_by`.

    Records with a null key or value are dropped.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Grouped) -> None:
        self._native = native

    def count(self, materialized: Materialized | None = None, *, name: str | None = None) -> KTable[K, int]:
        """How many records each key has had.

        Parameters
        ----------
        materialized : Materialized, optional
            How the table is kept.
        name : str, optional
            The node's name.
        """
        return KTable(self._native.count(materialized, name))

    def reduce(
        self, reducer: Callable[[V, V], V], materialized: Materialized | None = None, *, name: str | None = None
    ) -> KTable[K, V]:
        """One value for each key: ``reducer(so_far, value)`` returns the next. The first value stands for itself.

        The options are those of :meth:`count`.
        """
        return KTable(self._native.reduce(reducer, materialized, name))

    def aggregate(
        self,
        initializer: Callable[[], V2],
        aggregator: Callable[[K, V, V2], V2],
        materialized: Materialized | None = None,
        *,
        name: str | None = None,
    ) -> KTable[K, V2]:
        """One value for each key, of any type: ``aggregator(key, value, so_far)`` returns the next.

        Parameters
        ----------
        initializer : callable
            ``initializer()`` returns what stands before the first record of a key.
        aggregator : callable
            Returns the new value; ``None`` deletes the row.
        materialized : Materialized, optional
            How the table is kept; its value serde is that of the aggregator's values.
        name : str, optional
            The node's name.
        """
        return KTable(self._native.aggregate(initializer, aggregator, materialized, name))


class KTable(Generic[K, V]):
    """A table: for each key the last value, and the changes as they happen."""

    __slots__ = ("_native",)

    def __init__(self, native: _native.Table) -> None:
        self._native = native

    def to_stream(self, *, name: str | None = None) -> KStream[K, V]:
        """The changes as a stream: each one's new value, ``None`` for a deletion."""
        return KStream(self._native.to_stream(name))
