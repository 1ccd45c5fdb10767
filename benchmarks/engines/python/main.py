"""Our engine with functions in Python: one run of a workload, as benchmarks/README.md ("An engine") asks."""

from __future__ import annotations

import os
import time

from libkstreams import KafkaStreams, Materialized, StreamsBuilder, Topology


def stateless(output: str) -> Topology:
    builder = StreamsBuilder()
    events = builder.stream("events", key_serde="long", value_serde="string")
    kept = events.filter(lambda key, value: '"type":"view"' not in value)
    kept.map_values(lambda key, value: value.replace("Mozilla/5.0", "M5")).to(
        output, key_serde="long", value_serde="string"
    )
    return builder.build()


def count(output: str) -> Topology:
    builder = StreamsBuilder()
    events = builder.stream("events", key_serde="long", value_serde="string")
    events.group_by_key().count(Materialized("counts")).to_stream().to(output, key_serde="long", value_serde="long")
    return builder.build()


def main() -> None:
    workload, work = os.environ["BENCH_WORKLOAD"], int(os.environ["BENCH_PROCESS"])
    topology = {"stateless": stateless, "count": count}[workload](os.environ["BENCH_OUT"])
    config = {
        "application.id": os.environ["BENCH_APP"],
        "bootstrap.servers": os.environ["BENCH_BOOTSTRAP"],
        "state.dir": os.environ["BENCH_STATE"],
        "num.stream.threads": os.environ["BENCH_THREADS"],
    }
    print("START", flush=True)
    with KafkaStreams(topology, config) as streams:
        streams.start()
        print("HALF", wait_for(streams, work // 2), flush=True)
        wait_for(streams, work)
        streams.close(60)
    print("DONE", flush=True)


def wait_for(streams: KafkaStreams, records: int) -> int:
    """Waits until so many records are processed, and says how many are."""
    while True:
        if streams.error:
            raise streams.error
        done = int(streams.metrics["process-total"])
        if done >= records:
            return done
        time.sleep(0.002)


if __name__ == "__main__":
    main()
