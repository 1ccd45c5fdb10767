"""Parts of the interface that no other test needs: each does what its name says."""

from __future__ import annotations

from typing import Any

import pytest
from libkstreams import (
    AbortableError,
    Admin,
    Consumer,
    EmbeddedCluster,
    ExceptionHandler,
    FailureContext,
    FatalError,
    FencedError,
    HandlerResponse,
    InternalError,
    InternalTopic,
    KafkaError,
    KafkaStreams,
    KGroupedStream,
    KTable,
    LocalTask,
    Materialized,
    NewTopic,
    Offset,
    PartitionDescription,
    Producer,
    Serde,
    State,
    StreamsBuilder,
    TestDriver,
    TopicDescription,
    TopicPartition,
    UserError,
    serde,
)


def test_kinds_without_an_occasion_are_caught_as_kafka_errors() -> None:
    kinds: dict[type[KafkaError], str] = {
        AbortableError: "abortable",
        FatalError: "fatal",
        FencedError: "fenced",
        InternalError: "internal",
        UserError: "user",
    }
    for cls, kind in kinds.items():
        with pytest.raises(KafkaError) as raised:
            raise cls("cannot go on", facts={"topic": "orders"})
        assert (raised.value.kind, raised.value.topic) == (kind, "orders")


@pytest.mark.parametrize(
    ("one", "value", "data"),
    [
        (serde.string, "é", b"\xc3\xa9"),
        (serde.bytes, b"\0\xff", b"\0\xff"),
        (serde.short, -2, b"\xff\xfe"),
        (serde.int, 258, b"\0\0\1\2"),
        (serde.long, -1, b"\xff" * 8),
        (serde.float, 1.5, b"\x3f\xc0\0\0"),
        (serde.double, 1.5, b"\x3f\xf8\0\0\0\0\0\0"),
        (serde.boolean, True, b"\1"),
        (serde.long, None, None),
    ],
)
def test_serdes_write_the_bytes_of_kafkas_own(one: Serde, value: Any, data: bytes | None) -> None:
    assert one.serialize(value) == data
    assert one.deserialize(data) == value
    assert Serde(one.name) == one


def test_internal_topics_are_told_with_their_settings() -> None:
    builder = StreamsBuilder()
    grouped: KGroupedStream[str, str] = builder.stream(
        "in", key_serde="string", value_serde="string"
    ).group_by(lambda key, value: value, name="by-value", key_serde="string", value_serde="string")
    kept = Materialized(
        name="kept", store="memory", caching=False, logging=True, topic_config={"min.compaction.lag.ms": "5"}
    )
    table: KTable[str, int] = grouped.count(kept)
    table.to_stream().to("out")
    topology = builder.build()
    topics: list[InternalTopic] = topology.internal_topics({"application.id": "app", "bootstrap.servers": "localhost:1"})
    assert [(topic.name, topic.kind, topic.partitions) for topic in topics] == [
        ("app-by-value-repartition", "repartition", None),
        ("app-kept-changelog", "changelog", None),
    ]
    assert topics[1].config["min.compaction.lag.ms"] == "5"
    with TestDriver(topology) as driver:
        driver.pipe_batch("in", [("a", "x"), ("b", "x")], key_serde="string", value_serde="string")
        driver.advance_wall_clock(1000)
        # Without a cache, both changes went on.
        assert [record.value for record in driver.read("out", value_serde="long")] == [1, 2]


def test_a_handler_has_a_type() -> None:
    seen: list[str] = []

    def skip(context: FailureContext, error: BaseException) -> HandlerResponse:
        seen.append(context.node)
        return HandlerResponse.CONTINUE

    handler: ExceptionHandler = skip
    builder = StreamsBuilder()
    stream = builder.stream("in", key_serde="string", value_serde="long")
    stream.map_values(lambda key, value: 10 // value, name="divide").to("out", value_serde="long")
    with TestDriver(builder.build(), processing_handler=handler) as driver:
        driver.pipe("in", None, 0, value_serde="long")
    assert seen == ["divide"]


def test_topics_are_described(kafka: str) -> None:
    with Admin(bootstrap_servers=kafka) as admin:
        topic = NewTopic("described", 2, replication_factor=1, config={"cleanup.policy": "compact"})
        assert (topic.partitions, topic.replication_factor, len(topic.config)) == (2, 1, 1)
        admin.create_topics([topic])
        admin.wait_for_leaders(["described"])
        described: list[TopicDescription] = list(admin.describe_topics(["described"]))
    first: PartitionDescription = described[0].partitions[0]
    assert (described[0].name, len(described[0].partitions)) == ("described", 2)
    assert (first.partition, first.replicas >= 1, first.leader is not None) == (0, True, True)


def test_offsets_have_a_note(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    settings = {"bootstrap.servers": cluster.bootstrap_servers, "auto.offset.reset": "earliest"}
    with Producer(bootstrap_servers=cluster.bootstrap_servers) as producer:
        producer.send("t", b"v").result(30)
    with Consumer(settings, group_id="notes") as consumer:
        consumer.subscribe("t")
        consumer.poll(30)
        place = TopicPartition("t", 0)
        consumer.commit({place: Offset(1, "half way")})
        committed = consumer.committed([place])[place]
        assert committed is not None and (committed.offset, committed.metadata) == (1, "half way")


def test_an_application_tells_its_tasks(cluster: EmbeddedCluster, application: dict[str, Any]) -> None:
    cluster.create_topic("in")
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").for_each(lambda key, value: None)
    with KafkaStreams(builder.build(), application) as streams:
        streams.start()
        streams.wait_for(State.RUNNING, 30)
        task: LocalTask = streams.local_tasks[0]
        assert (task.id, task.is_running) == ("0_0", True)


def test_a_cluster_is_prepared_for_an_application(cluster: EmbeddedCluster, application: dict[str, Any]) -> None:
    builder = StreamsBuilder()
    stream = builder.stream("in", key_serde="string", value_serde="string")
    stream.group_by(lambda key, value: value, key_serde="string", value_serde="string").count().to_stream().to("out", value_serde="long")
    topology = builder.build()
    cluster.prepare(topology, application["application.id"])
    with KafkaStreams(topology, application) as streams:
        streams.start()
        streams.wait_for(State.RUNNING, 30)
        assert [task.id for task in streams.local_tasks] == ["0_0", "1_0"]
