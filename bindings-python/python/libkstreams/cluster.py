"""Brokers in this process."""

from __future__ import annotations

from types import TracebackType

from . import _native
from ._blocking import interruptible
from ._native import Topology

__all__ = ["EmbeddedCluster"]


class EmbeddedCluster:
    """A small Kafka cluster inside this process, for tests and demonstrations.

    It is librdkafka's mock: records and consumer groups work as on a real cluster, with limits. It keeps 5 MiB or 100,000
    batches of each partition and forgets the oldest silently; it has no topic settings, no compaction and no
    transactions, and topics are created here, not by an admin client.

    Parameters
    ----------
    brokers : int
        How many brokers, from 1 to 64.

    Raises
    ------
    InvalidError
        The number of brokers is impossible.
    ResourceError
        There are no threads or sockets.

    Examples
    --------
    >>> from libkstreams import EmbeddedCluster
    >>> with EmbeddedCluster() as cluster:
    ...     cluster.create_topic("words", 4)
    ...     cluster.bootstrap_servers.startswith("127.0.0.1:")
    True
    """

    def __init__(self, brokers: int = 1) -> None:
        self._native = _native.EmbeddedCluster(brokers)

    @property
    def bootstrap_servers(self) -> str:
        """What clients take as ``bootstrap.servers``."""
        return self._native.bootstrap_servers()

    def create_topic(self, name: str, partitions: int = 1) -> None:
        """Creates a topic.

        Raises
        ------
        InvalidError
            The topic exists, its name is impossible, or it has less than one partition.
        """
        self._native.create_topic(name, partitions)

    def prepare(self, topology: Topology, application_id: str) -> None:
        """Creates what an application needs that creates no topics here: those that it reads and writes, where they are
        missing, with one partition each, and its internal ones.

        Raises
        ------
        InvalidError
            Topics that must have equally many partitions have not; a name is impossible.
        """
        self._native.prepare(topology, application_id)

    def stop_broker(self, broker: int) -> None:
        """Cuts all connections of a broker, by its number from 1, and refuses new ones."""
        self._native.stop_broker(broker)

    def start_broker(self, broker: int) -> None:
        """Lets a stopped broker go on."""
        self._native.start_broker(broker)

    def close(self) -> None:
        """Ends the cluster. May be called again."""
        interruptible(self._native.close)

    def __enter__(self) -> EmbeddedCluster:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
