"""What a Python function costs inside of a topology: `python callback.py [RECORDS]`.

Runs the test driver with 0, 1 and 5 functions of each kind in a row; the slope is the cost of one function, the
engine's own operator around it included. CPU time, the best of several runs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from libkstreams import KStream, StreamsBuilder, TestDriver

KINDS: dict[str, tuple[str, Callable[[KStream[Any, Any]], KStream[Any, Any]]]] = {
    "map_values, str identity": ("string", lambda s: s.map_values(lambda key, value: value)),
    "map_values, str upper": ("string", lambda s: s.map_values(lambda key, value: value.upper())),
    "map_values, 100 bytes": ("bytes", lambda s: s.map_values(lambda key, value: value)),
    "map, pair of str": ("string", lambda s: s.map(lambda key, value: (key, value))),
    "filter": ("string", lambda s: s.filter(lambda key, value: True)),
    "flat_map_values, one item": ("string", lambda s: s.flat_map_values(lambda key, value: [value])),
    "select_key, long": ("long", lambda s: s.select_key(lambda key, value: key)),
}
VALUES = {"string": "some text of a record", "bytes": b"x" * 100, "long": 12345}


def measure(serde: str, build: Callable[[KStream[Any, Any]], KStream[Any, Any]], calls: int, records: int) -> float:
    """CPU seconds for all records."""
    best = float("inf")
    for _ in range(5):
        builder = StreamsBuilder()
        stream = builder.stream("in", key_serde="string", value_serde=serde)
        for _ in range(calls):
            stream = build(stream)
        stream.filter(lambda key, value: False)
        with TestDriver(builder.build()) as driver:
            batch = [("key", VALUES[serde])] * records
            start = time.process_time()
            driver.pipe_batch("in", batch, key_serde="string", value_serde=serde)
            best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Prints the table."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{'function':28} {'µs per call':>12}")
    for name, (serde, build) in KINDS.items():
        one, five = (measure(serde, build, calls, records) for calls in (1, 5))
        print(f"{name:28} {(five - one) / 4 / records * 1e6:12.3f}")
    none = measure("string", lambda s: s, 0, records)
    print(f"{'a record in and out of the driver':28} {none / records * 1e6:7.3f}")


if __name__ == "__main__":
    main()
