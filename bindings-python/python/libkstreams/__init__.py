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
from ._native import FailureContext, Record, Serde, Topology, __version__
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
from .testing import TestDriver

__all__ = [
    "AbortableError",
    "CancelledError",
    "ClosedError",
    "DataError",
    "DeniedError",
    "ExceptionHandler",
    "FailureContext",
    "FatalError",
    "FencedError",
    "HandlerResponse",
    "InternalError",
    "InvalidError",
    "KGroupedStream",
    "KStream",
    "KTable",
    "KafkaError",
    "Materialized",
    "PartialError",
    "Record",
    "ResourceError",
    "RetriableError",
    "Serde",
    "StreamsBuilder",
    "TestDriver",
    "TimeoutError",
    "Topology",
    "UserError",
    "__version__",
    "errors",
    "serde",
    "set_log_level",
]

_os.register_at_fork(after_in_child=_native.after_fork_in_child)
set_log_level("info")
