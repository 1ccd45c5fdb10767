"""Looking after topics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from . import _native
from ._blocking import interruptible
from ._closing import close_behind, close_behind_async
from ._units import Duration, Settings, setting_pairs

__all__ = ["Admin", "NewTopic", "PartitionDescription", "TopicDescription"]


@dataclass(frozen=True)
class NewTopic:
    """A topic to create.

    Parameters
    ----------
    name : str
        The name.
    partitions : int
        How many partitions, at least one.
    replication_factor : int, optional
        How many brokers keep each partition. Without it, what the broker says.
    config : mapping of str to str
        Topic settings, such as ``cleanup.policy``.
    """

    name: str
    partitions: int
    replication_factor: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PartitionDescription:
    """A partition as the cluster knows it."""

    partition: int
    """The number, from 0."""
    leader: int | None
    """The broker that leads it; ``None`` while there is none."""
    replicas: int
    """How many brokers keep it."""


@dataclass(frozen=True)
class TopicDescription:
    """A topic as the cluster knows it."""

    name: str
    """The name."""
    partitions: tuple[PartitionDescription, ...]
    """The partitions, by number."""


class Admin:
    """Looks after topics. Any thread may call.

    Timeouts are in seconds.

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
    """

    def __init__(self, config: Settings | None = None, **settings: Any) -> None:
        self._native = _native.Admin(setting_pairs(config, settings))

    def create_topics(self, topics: Iterable[NewTopic], *, timeout: Duration = 60.0) -> None:
        """Creates topics.

        Raises
        ------
        PartialError
            Some were not created: ``failed`` says which, and why. One that exists already is an :class:`InvalidError`
            with Kafka's code 36.
        TimeoutError, RetriableError
            The cluster did not answer: look what was created.
        InvalidError
            A topic has less than one partition.
        ClosedError
            The client is closed.
        """
        wanted = [(t.name, t.partitions, t.replication_factor, list(t.config.items())) for t in topics]
        interruptible(self._native.create_topics, wanted, timeout)

    def delete_topics(self, names: Iterable[str], *, timeout: Duration = 60.0) -> None:
        """Deletes topics.

        Raises
        ------
        PartialError
            Some were not deleted: ``failed`` says which, and why.
        TimeoutError, RetriableError
            The cluster did not answer.
        ClosedError
            The client is closed.
        """
        interruptible(self._native.delete_topics, list(names), timeout)

    def topics(self, *, timeout: Duration = 60.0) -> list[TopicDescription]:
        """All topics of the cluster that this principal may see, by name.

        Raises
        ------
        TimeoutError, RetriableError
            No broker answered.
        ClosedError
            The client is closed.
        """
        return [_described(topic) for topic in interruptible(self._native.topics, timeout)]

    def describe_topics(self, names: Iterable[str], *, timeout: Duration = 60.0) -> list[TopicDescription]:
        """Describes topics, in the order of their names here.

        Raises
        ------
        InvalidError
            A topic does not exist.
        TimeoutError, RetriableError
            No broker answered.
        ClosedError
            The client is closed.
        """
        return [_described(topic) for topic in interruptible(self._native.describe_topics, list(names), timeout)]

    def wait_for_leaders(self, names: Iterable[str], *, timeout: Duration = 60.0) -> None:
        """Waits until these topics exist and each of their partitions has a leader, so that they can be used.

        Raises
        ------
        TimeoutError
            A topic is not ready.
        ClosedError
            The client is closed.
        """
        interruptible(self._native.wait_for_leaders, list(names), timeout)

    def close(self, timeout: Duration = 30.0) -> None:
        """Ends the client. Calls in other threads go on to their end.

        Raises
        ------
        TimeoutError
            The client is still ending in the background.
        ClosedError
            The client was closed before.
        """
        interruptible(self._native.close, timeout)

    def __enter__(self) -> Admin:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        close_behind(exc, self.close)

    async def __aenter__(self) -> Admin:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await close_behind_async(exc, self._native.close, 30.0)


def _described(topic: tuple[str, list[tuple[int | None, int]]]) -> TopicDescription:
    name, partitions = topic
    return TopicDescription(
        name, tuple(PartitionDescription(n, leader, replicas) for n, (leader, replicas) in enumerate(partitions))
    )
