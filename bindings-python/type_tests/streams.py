"""What a type checker makes of streams and applications. Never run: `mypy --strict` reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

from libkstreams import (
    FailureContext,
    HandlerResponse,
    KafkaStreams,
    KGroupedStream,
    KStream,
    KTable,
    Materialized,
    Record,
    State,
    StreamsBuilder,
    TestDriver,
    Topology,
    UncaughtResponse,
    serde,
)

builder = StreamsBuilder()
assert_type(builder.stream("a"), KStream[Any, Any])
lines: KStream[str | None, str] = builder.stream(["a", "b"], key_serde=serde.string, value_serde="string")


def split(key: str | None, line: str) -> Iterator[str]:
    yield from line.split()


assert_type(lines.filter(lambda key, line: line), KStream[str | None, str])
assert_type(lines.map(lambda key, line: (1, line)), KStream[int, str])
assert_type(lines.map_values(lambda key, line: len(line)), KStream[str | None, int])
assert_type(lines.flat_map_values(split), KStream[str | None, str])
assert_type(lines.flat_map(lambda key, line: [(line, 1.0)]), KStream[str, float])
assert_type(lines.select_key(lambda key, line: line), KStream[str, str])
assert_type(lines.peek(lambda key, line: print(key, line)), KStream[str | None, str])
assert_type(lines.merge(lines), KStream[str | None, str])
assert_type(lines.repartition(partitions=3), KStream[str | None, str])
grouped = lines.group_by(lambda key, line: line)
assert_type(grouped, KGroupedStream[str, str])
assert_type(lines.group_by_key(), KGroupedStream[str | None, str])
assert_type(grouped.count(Materialized("counts", store="memory")), KTable[str, int])
assert_type(grouped.reduce(lambda so_far, line: so_far + line), KTable[str, str])
assert_type(grouped.aggregate(lambda: 0.0, lambda key, line, so_far: so_far + len(line)), KTable[str, float])
assert_type(grouped.count().to_stream(), KStream[str, int])

lines.map(lambda key, line: line)  # type: ignore[arg-type, return-value]
lines.flat_map_values(lambda key, line: 7)  # type: ignore[arg-type, return-value]
lines.filter(lambda line: True)  # type: ignore[arg-type, misc]
grouped.count(Materialized(store="disk"))  # type: ignore[arg-type]
builder.stream("a", offset_reset="first")  # type: ignore[arg-type]
builder.stream("a", None)  # type: ignore[call-arg]

topology = builder.build({"topology.optimization": "all"})
assert_type(topology, Topology)
assert_type(topology.describe(), str)


def on_failure(context: FailureContext, error: BaseException) -> HandlerResponse:
    assert_type(context.topic, str | None)
    return HandlerResponse.CONTINUE


with KafkaStreams(
    topology,
    application_id="a",
    state_listener=lambda new, old: assert_type(new, State),
    processing_handler=on_failure,
    uncaught_exception_handler=lambda error: UncaughtResponse.REPLACE_THREAD,
) as streams:
    assert_type(streams, KafkaStreams)
    assert_type(streams.error, BaseException | None)
    assert_type(streams.metrics, dict[str, float])

KafkaStreams(topology, processing_handler=lambda error: HandlerResponse.FAIL)  # type: ignore[arg-type, misc]

with TestDriver(topology) as driver:
    assert_type(driver.read("b", value_serde=serde.long), list[Record[Any, Any]])
    assert_type(driver.outputs(), list[Record[bytes | None, bytes | None]])
