"""The workload `stateless` with confluent-kafka alone: what a Python loop without a framework costs."""
import os
from confluent_kafka import Consumer, Producer, TopicPartition

records, out_name = int(os.environ["BENCH_RECORDS"]), os.environ["BENCH_OUT"]
if os.environ["BENCH_WORKLOAD"] != "stateless":
    raise SystemExit("only stateless is here")
print("START", flush=True)
consumer = Consumer({"bootstrap.servers": os.environ["BENCH_BOOTSTRAP"], "group.id": os.environ["BENCH_APP"],
                     "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     # The default of a second lets a consumer that once filled its queue idle.
                     "fetch.queue.backoff.ms": 10})
producer = Producer({"bootstrap.servers": os.environ["BENCH_BOOTSTRAP"], "enable.idempotence": True, "linger.ms": 100,
                     "partitioner": "murmur2_random", "queue.buffering.max.messages": 500000, "delivery.report.only.error": True})
consumer.subscribe(["events"])
seen, half = 0, False
while seen < records:
    for m in consumer.consume(1000, 0.1):
        if m.error():
            raise SystemExit(str(m.error()))
        seen += 1
        v = m.value().decode()
        if '"type":"view"' in v:
            continue
        while True:
            try:
                producer.produce(out_name, key=m.key(), value=v.replace("Mozilla/5.0", "M5").encode(), timestamp=m.timestamp()[1])
                break
            except BufferError:
                producer.poll(0.01)
    producer.poll(0)
    if not half and seen >= records // 2:
        half = True
        print("HALF", seen, flush=True)
producer.flush()
consumer.commit(asynchronous=False)
consumer.close()
print("DONE", flush=True)
