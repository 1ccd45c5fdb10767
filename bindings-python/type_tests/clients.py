"""What a type checker makes of the clients. Never run: `mypy --strict` reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_type

from libkstreams import (
    Admin,
    Consumer,
    Future,
    KafkaError,
    NewTopic,
    Offset,
    Producer,
    Record,
    RecordMetadata,
    TopicDescription,
    TopicPartition,
)


async def clients() -> None:
    async with Producer({"linger.ms": timedelta(milliseconds=5)}, acks="all") as producer:
        future = producer.send("t", b"v", key=None, timestamp=datetime.now(), headers=[("a", None)])
        assert_type(future, Future[RecordMetadata])
        assert_type(await future, RecordMetadata)
        assert_type(future.result(timedelta(seconds=1)), RecordMetadata)
        assert_type(future.then(lambda metadata: metadata.offset), Future[int])
        assert_type(future.then(lambda metadata: metadata.offset, lambda error: None), Future[int | None])
        assert_type(await producer.send_batch([Record("t", b"k", None)]), list[RecordMetadata])
        producer.send("t", "text")  # type: ignore[arg-type]

    async with Consumer(group_id="g") as consumer:
        consumer.subscribe("t")
        async for record in consumer:
            assert_type(record, Record[bytes | None, bytes | None])
            assert_type(record.offset, int | None)
        assert_type(await consumer.commit_async(), None)

    with Consumer(group_id="g") as consumer:
        for record in consumer:
            assert_type(record.headers, tuple[tuple[str, bytes | None], ...])
        for batch in consumer.batches(max_records=100):
            assert_type(batch, list[Record[bytes | None, bytes | None]])
        consumer.commit({TopicPartition("t", 0): 7, ("t", 1): Offset(8, "note")})
        assert_type(consumer.committed([("t", 0)]), dict[TopicPartition, Offset | None])

    with Admin() as admin:
        admin.create_topics([NewTopic("t", 3, config={"cleanup.policy": "compact"})], timeout=timedelta(seconds=5))
        assert_type(admin.topics(), list[TopicDescription])

    try:
        pass
    except KafkaError as error:
        assert_type(error.kind, str)
        assert_type(error.facts, dict[str, str])
