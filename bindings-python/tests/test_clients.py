"""Producer, consumer and admin client."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import libkstreams
import pytest
from libkstreams import (
    Admin,
    CancelledError,
    ClosedError,
    Consumer,
    EmbeddedCluster,
    InvalidError,
    NewTopic,
    Offset,
    PartialError,
    Producer,
    Record,
    RecordMetadata,
    TopicPartition,
)


def config(cluster: EmbeddedCluster) -> dict[str, Any]:
    return {"bootstrap.servers": cluster.bootstrap_servers}


def reader(cluster: EmbeddedCluster, topic: str, group: str = "readers") -> Consumer:
    # The embedded cluster forgets members only when their sessions end.
    session = {"session.timeout.ms": 2000, "heartbeat.interval.ms": 300}
    consumer = Consumer(config(cluster) | session, group_id=group, auto_offset_reset="earliest")
    consumer.subscribe(topic)
    return consumer


def fill(cluster: EmbeddedCluster, topic: str, count: int, partitions: int = 1) -> None:
    """Writes records 0, 1, 2, … to a new topic."""
    cluster.create_topic(topic, partitions)
    with Producer(config(cluster)) as producer:
        records: list[Any] = [Record(topic, None, str(n).encode(), partition=n % partitions) for n in range(count)]
        producer.send_batch(records).result(30)


def test_a_sent_record_is_read_with_all_its_parts(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t", 3)
    when = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
    headers = [("a", b"1"), ("a", None)]
    with Producer(config(cluster)) as producer:
        sent = producer.send("t", b"value", key=b"key", partition=2, timestamp=when, headers=headers).result(30)
    assert (sent.topic, sent.partition, sent.offset) == ("t", 2, 0)
    with reader(cluster, "t") as consumer:
        [record] = consumer.poll(30)
    expected: Record[bytes, bytes] = Record(
        "t", b"key", b"value", partition=2, offset=0, timestamp=1709208000000, headers=headers
    )
    assert record == expected
    assert record.headers == (("a", b"1"), ("a", None))
    assert hash(record) == hash(expected)
    assert repr(record) == (
        "Record('t', b'key', b'value', partition=2, offset=0, timestamp=1709208000000, "
        "headers=(('a', b'1'), ('a', None)))"
    )
    assert eval(repr(record)) == record


def test_nulls_are_none(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with Producer(config(cluster)) as producer:
        producer.send("t").result(30)
        producer.send("t", b"", key=b"").result(30)
    with reader(cluster, "t") as consumer:
        got: list[tuple[bytes | None, bytes | None]] = []
        while len(got) < 2:
            got += [(r.key, r.value) for r in consumer.poll(30)]
    assert got == [(None, None), (b"", b"")]


def test_a_future_can_be_asked_and_continued(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with Producer(config(cluster), linger_ms=200) as producer:
        future = producer.send("t", b"v")
        assert not future.done()
        assert repr(future) == "<Future pending>"
        with pytest.raises(libkstreams.TimeoutError, match="outcome is not known"):
            future.result(timedelta(milliseconds=1))
        called: list[Any] = []
        future.add_done_callback(called.append)
        next_offset = future.then(lambda metadata: metadata.offset + 1)
        assert next_offset.result(30) == 1
        assert future.done() and future.exception() is None
        assert repr(future) == "<Future done>"
        late = threading.Event()
        future.add_done_callback(lambda f: late.set())
        assert late.wait(30)
        assert called == [future]


def test_an_exception_in_a_continuation_is_the_same_object(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    thrown = ValueError("mine")

    def fail(metadata: RecordMetadata) -> int:
        raise thrown

    with Producer(config(cluster)) as producer:
        failed = producer.send("t", b"v").then(fail)
        with pytest.raises(ValueError) as raised:
            failed.result(30)
        assert raised.value is thrown
        assert failed.exception() is thrown
        skipped = failed.then(lambda value: value + 1)
        assert skipped.exception(30) is thrown
        assert failed.then(lambda value: value, lambda error: str(error)).result(30) == "mine"


def test_waiting_inside_a_continuation_is_refused(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with Producer(config(cluster), linger_ms=100) as producer:
        second: list[Any] = []
        first = producer.send("t", b"1").then(lambda _: second[0].result())
        second.append(first.then(lambda _: None))
        with pytest.raises(InvalidError, match="use `then`"):
            first.result(30)


def test_many_futures_can_be_awaited(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")

    async def send() -> list[RecordMetadata]:
        async with Producer(config(cluster)) as producer:
            return await asyncio.gather(*(producer.send("t", str(n).encode()) for n in range(20_000)))

    sent = asyncio.run(send())
    assert [metadata.offset for metadata in sent] == list(range(20_000))


def test_a_failed_future_raises_where_it_is_awaited(cluster: EmbeddedCluster) -> None:
    async def send() -> None:
        async with Producer(config(cluster), message_timeout_ms=500) as producer:
            cluster.create_topic("t")
            cluster.stop_broker(1)
            await producer.send("t", b"v")

    with pytest.raises(libkstreams.TimeoutError):
        asyncio.run(send())


def test_a_cancelled_task_leaves_the_record_on_its_way(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")

    async def send() -> RecordMetadata:
        async with Producer(config(cluster), linger_ms=200) as producer:
            future = producer.send("t", b"v")

            async def wait() -> RecordMetadata:
                return await future

            task = asyncio.create_task(wait())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await future

    assert asyncio.run(send()).offset == 0


def test_a_future_outlives_its_loop(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with Producer(config(cluster), linger_ms=300) as producer:
        future = producer.send("t", b"v")

        async def give_up() -> None:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.ensure_future(_awaiting(future)), 0.01)

        asyncio.run(give_up())
        assert future.result(30).offset == 0


async def _awaiting(future: Any) -> Any:
    return await future


def test_a_batch_tells_both_halves(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with Producer(config(cluster), message_max_bytes=2000) as producer:
        records: list[Any] = [Record("t", None, b"small"), Record("t", None, b"x" * 5000), Record("t", None, b"small")]
        with pytest.raises(PartialError) as raised:
            producer.send_batch(records).result(30)
    error = raised.value
    assert [index for index, _ in error.succeeded] == [0, 2]
    assert all(isinstance(metadata, RecordMetadata) for _, metadata in error.succeeded)
    [(index, failure)] = error.failed
    assert index == 1
    assert isinstance(failure, InvalidError)
    assert error.__cause__ is failure
    assert error.kind == "invalid"


def test_text_must_be_encoded_by_whoever_has_it(cluster: EmbeddedCluster) -> None:
    with Producer(config(cluster)) as producer, pytest.raises(TypeError, match="not objects of type str: encode text"):
        producer.send("t", "text")  # type: ignore[arg-type]


def test_a_closed_producer_says_so(cluster: EmbeddedCluster) -> None:
    producer = Producer(config(cluster))
    producer.close()
    for call in (lambda: producer.send("t"), producer.flush, producer.close):
        with pytest.raises(ClosedError, match="the producer is closed"):
            call()


def test_leaving_the_block_does_not_hide_its_exception(cluster: EmbeddedCluster) -> None:
    with pytest.raises(ZeroDivisionError), Producer(config(cluster)) as producer:
        producer.close()
        raise ZeroDivisionError


@pytest.mark.parametrize("make", [Producer, Consumer, Admin])
def test_an_unknown_setting_names_the_nearest(make: Callable[..., Any]) -> None:
    with pytest.raises(InvalidError, match=r"unknown setting setting=`bootstrap.server` nearest=`bootstrap.servers`"):
        make({"bootstrap.server": "localhost:9092"})


def test_a_setting_out_of_range_names_the_range() -> None:
    with pytest.raises(InvalidError) as raised:
        Producer(bootstrap_servers="localhost:1", linger_ms=-5)
    assert raised.value.facts["setting"] == "linger.ms"
    assert "allowed" in raised.value.facts


def test_settings_are_written_as_kafka_reads_them(cluster: EmbeddedCluster) -> None:
    settings: dict[str, Any] = {"bootstrap.servers": [cluster.bootstrap_servers], "linger.ms": timedelta(seconds=0.2)}
    with Producer(settings, enable_idempotence=False, acks=1):
        pass
    with pytest.raises(InvalidError, match="retries"):
        Producer(settings, retries=0.2)


def test_a_wrong_address_is_told_while_waiting() -> None:
    with Consumer(bootstrap_servers="127.0.0.1:1", group_id="g") as consumer:
        consumer.subscribe("t")
        with pytest.raises(libkstreams.RetriableError) as raised:
            for _ in range(100):
                consumer.poll(0.3)
        assert "127.0.0.1:1" in str(raised.value) + str(raised.value.__cause__)


def test_a_consumer_iterates_over_all_partitions(cluster: EmbeddedCluster) -> None:
    fill(cluster, "t", 3000, partitions=3)
    seen: dict[int, list[int]] = {0: [], 1: [], 2: []}
    with reader(cluster, "t") as consumer:
        for count, record in enumerate(consumer, 1):
            assert record.value is not None
            seen[record.partition or 0].append(int(record.value))
            if count == 3000:
                break
        assert sorted(consumer.assignment) == [TopicPartition("t", p) for p in range(3)]
    assert seen == {p: list(range(p, 3000, 3)) for p in range(3)}


def test_a_loop_can_be_left_and_entered_again(cluster: EmbeddedCluster) -> None:
    fill(cluster, "t", 10)
    with reader(cluster, "t") as consumer:
        iterator = iter(consumer)
        assert [next(iterator).offset for _ in range(3)] == [0, 1, 2]
        del iterator
        assert [record.offset for record, _ in zip(consumer, range(2))] == [3, 4]
        # zip took one more than it gave.
        assert [record.offset for record in consumer.poll(30, max_records=2)] == [6, 7]
        assert [record.offset for record in consumer.poll(30)] == [8, 9]


def test_a_commit_inside_a_loop_covers_what_it_has_seen(cluster: EmbeddedCluster) -> None:
    fill(cluster, "t", 100)
    place = TopicPartition("t", 0)
    with reader(cluster, "t") as consumer:
        for record in consumer:
            if record.offset == 41:
                consumer.commit()
                with pytest.raises(InvalidError, match="has not seen all"):
                    consumer.commit_async()
                break
        assert consumer.committed([place]) == {place: Offset(42)}
    with reader(cluster, "t") as consumer:
        assert consumer.poll(30)[0].offset == 42


def test_commits_say_what_they_are_given(cluster: EmbeddedCluster) -> None:
    fill(cluster, "t", 5, partitions=2)
    with reader(cluster, "t") as consumer:
        polled = 0
        while polled < 5:
            polled += len(consumer.poll(30))
        consumer.commit({("t", 0): 1, TopicPartition("t", 1): Offset(2, "note")})
        expected: dict[TopicPartition, Offset | None] = {
            TopicPartition("t", 0): Offset(1),
            TopicPartition("t", 1): Offset(2, "note"),
        }
        assert consumer.committed([("t", 0), ("t", 1)]) == expected
        consumer.commit_async().result(30)
        assert consumer.committed([("t", 0), ("t", 1)]) == {
            TopicPartition("t", 0): Offset(3),
            TopicPartition("t", 1): Offset(2),
        }


def test_a_consumer_can_be_iterated_asynchronously(cluster: EmbeddedCluster) -> None:
    fill(cluster, "t", 100)

    async def read() -> list[int]:
        offsets: list[int] = []
        async with Consumer(config(cluster), group_id="readers", auto_offset_reset="earliest") as consumer:
            consumer.subscribe("t")
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0.001)

            ticking = asyncio.create_task(tick())
            async for record in consumer:
                offsets.append(record.offset or 0)
                if len(offsets) == 100:
                    break
            await consumer.commit_async()
            ticking.cancel()
            assert ticks > 10, "the loop stood still while the consumer waited"
        return offsets

    assert asyncio.run(read()) == list(range(100))


def test_a_cancelled_poll_loses_no_records(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")

    async def read() -> list[Any]:
        async with Consumer(config(cluster), group_id="readers", auto_offset_reset="earliest") as consumer:
            consumer.subscribe("t")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(consumer.poll_async(), 0.2)
            async with Producer(config(cluster)) as producer:
                await producer.send("t", b"v")
            return await consumer.poll_async()

    assert [record.value for record in asyncio.run(read())] == [b"v"]


def test_wakeup_ends_a_poll_in_another_thread(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with reader(cluster, "t") as consumer:
        threading.Timer(0.2, consumer.wakeup).start()
        with pytest.raises(CancelledError, match="woken up"):
            consumer.poll()


def test_close_ends_a_loop_in_another_thread(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    consumer = reader(cluster, "t")
    closing = threading.Timer(0.2, consumer.close)
    closing.start()
    assert list(consumer) == []
    closing.join()
    with pytest.raises(ClosedError, match="the consumer is closed"):
        consumer.poll(0)


def test_two_threads_cannot_poll_one_consumer(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    refused: list[InvalidError] = []
    with reader(cluster, "t") as consumer:
        stop = threading.Event()

        def poll() -> None:
            while not stop.is_set():
                try:
                    consumer.poll(0.05)
                except InvalidError as error:
                    refused.append(error)
                    stop.set()

        threads = [threading.Thread(target=poll) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert "used by another thread" in str(refused[0])


def test_a_poll_lets_other_threads_run(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("t")
    with reader(cluster, "t") as consumer:
        ticks = 0

        def tick() -> None:
            nonlocal ticks
            end = time.monotonic() + 0.5
            while time.monotonic() < end:
                ticks += 1
                time.sleep(0.005)

        thread = threading.Thread(target=tick)
        thread.start()
        consumer.poll(0.6)
        thread.join()
    assert ticks > 20


def test_topics_are_created_described_and_deleted(kafka: str) -> None:
    with Admin(bootstrap_servers=kafka) as admin:
        admin.create_topics([NewTopic("made", 3, config={"cleanup.policy": "compact"})])
        admin.wait_for_leaders(["made"])
        [topic] = admin.describe_topics(["made"])
        assert (topic.name, len(topic.partitions)) == ("made", 3)
        assert all(partition.leader is not None and partition.replicas == 1 for partition in topic.partitions)
        assert "made" in [topic.name for topic in admin.topics()]
        with pytest.raises(PartialError) as raised:
            admin.create_topics([NewTopic("made", 3), NewTopic("other", 1)])
        [(name, failure)] = raised.value.failed
        assert (name, getattr(failure, "code", 0)) == ("made", 36)
        assert [name for name, _ in raised.value.succeeded] == ["other"]
        admin.delete_topics(["made"])
        with pytest.raises(InvalidError, match="topic=`nothing`"):
            admin.describe_topics(["nothing"])


def test_a_record_goes_through_a_real_broker(kafka: str) -> None:
    with Admin(bootstrap_servers=kafka) as admin:
        admin.create_topics([NewTopic("real", 1)])
        admin.wait_for_leaders(["real"])
    with Producer(bootstrap_servers=kafka) as producer:
        assert producer.send("real", b"v", key=b"k").result(30).offset == 0
        assert producer.outstanding == 0
    settings = {"bootstrap.servers": kafka, "group.id": "real-readers", "auto.offset.reset": "earliest"}
    with Consumer(settings) as consumer:
        consumer.subscribe("real")
        assert [record.value for record in next(consumer.batches())] == [b"v"]
        consumer.commit()


def test_an_embedded_cluster_ends_when_it_is_closed() -> None:
    cluster = EmbeddedCluster(2)
    assert len(cluster.bootstrap_servers.split(",")) == 2
    cluster.stop_broker(2)
    cluster.start_broker(2)
    cluster.close()
    cluster.close()
    with pytest.raises(ClosedError, match="the embedded cluster is closed"):
        cluster.create_topic("t")
    with pytest.raises(InvalidError, match="between 1 and 64"):
        EmbeddedCluster(0)
