"""Kafka Streams as a native engine, with complete Kafka clients.

>>> from libkstreams import StreamsBuilder
>>> builder = StreamsBuilder()
>>> lines = builder.stream("lines", key_serde="string", value_serde="string")
>>> words = lines.flat_map_values(lambda key, line: line.lower().split())
>>> words.group_by(lambda key, word: word).count().to_stream().to("counts", value_serde="long")
>>> topology = builder.build()
"""

from __future__ import annotations

import os as _os

from . import _native, errors, serde
from ._logging import set_log_level
from ._native import (
    FailureContext,
    Future,
    InternalTopic,
    Record,
    RecordMetadata,
    Serde,
    Topology,
    __version__,
)
from .admin import Admin, NewTopic, PartitionDescription, TopicDescription
from .cluster import EmbeddedCluster
from .consumer import Consumer, Offset, TopicPartition
from .dsl import KGroupedStream, KStream, KTable, Materialized, StreamsBuilder
from .errors import (
    AbortableError,
    CancelledError,
    ClosedError,
    DataError,
    DeniedError,
    FatalError,
    FencedError,
    InternalError,
    InvalidError,
    KafkaError,
    PartialError,
    ResourceError,
    RetriableError,
    TimeoutError,
    UserError,
)
from .handlers import ExceptionHandler, HandlerResponse
from .producer import Producer
from .streams import KafkaStreams, LocalTask, State, UncaughtResponse
from .testing import TestDriver

__all__ = [
    "AbortableError",
    "Admin",
    "CancelledError",
    "ClosedError",
    "Consumer",
    "DataError",
    "DeniedError",
    "EmbeddedCluster",
    "ExceptionHandler",
    "FailureContext",
    "FatalError",
    "FencedError",
    "Future",
    "HandlerResponse",
    "InternalError",
    "InternalTopic",
    "InvalidError",
    "KGroupedStream",
    "KStream",
    "KTable",
    "KafkaError",
    "KafkaStreams",
    "LocalTask",
    "Materialized",
    "NewTopic",
    "Offset",
    "PartialError",
    "PartitionDescription",
    "Producer",
    "Record",
    "RecordMetadata",
    "ResourceError",
    "RetriableError",
    "Serde",
    "State",
    "StreamsBuilder",
    "TestDriver",
    "TimeoutError",
    "TopicDescription",
    "TopicPartition",
    "Topology",
    "UncaughtResponse",
    "UserError",
    "__version__",
    "errors",
    "serde",
    "set_log_level",
]

_os.register_at_fork(after_in_child=_native.after_fork_in_child)
set_log_level("info")
