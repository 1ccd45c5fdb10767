"""A process in Rust and one in Python share the work of one application."""

from __future__ import annotations

import collections
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from libkstreams import Admin, Consumer, NewTopic, Producer, Record, serde

PARTITIONS = 4
WORDS_PER_LINE = 5
SETTINGS = {"commit.interval.ms": "100", "session.timeout.ms": "10000", "heartbeat.interval.ms": "300"}

# The word count, which appends a byte to a file for each line: a kill does not take that back.
PROGRAM = """
    import logging, os, re, sys
    from libkstreams import KafkaStreams, StreamsBuilder, serde

    servers, folder, settings = sys.argv[1], sys.argv[2], dict(pair.split("=") for pair in sys.argv[3:])
    logging.basicConfig(level=logging.INFO, format="%(created).3f %(levelname)s %(name)s %(message)s")
    marks = os.open(f"{folder}/marks", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def words(key, line):
        os.write(marks, b".")
        return re.split(r"\\W+", line.lower(), flags=re.ASCII)

    builder = StreamsBuilder()
    counts = builder.stream("shared-input").flat_map_values(words).group_by(lambda key, word: word).count()
    counts.to_stream().to("shared-output", key_serde=serde.string, value_serde=serde.long)
    KafkaStreams(builder.build(), settings | {
        "application.id": "shared", "bootstrap.servers": servers, "state.dir": f"{folder}/state",
        "default.key.serde": "string", "default.value.serde": "string", "statestore.cache.max.bytes": 0,
        "auto.offset.reset": "earliest",
    }).run()
"""


def line(number: int) -> str:
    return " ".join(f"w{(number * 7 + word * 131) % 997}" for word in range(WORDS_PER_LINE))


class Instance:
    """One process of the application, with its state, its log and its marks in a folder."""

    def __init__(self, command: list[str], folder: pathlib.Path) -> None:
        self.folder = folder
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def lines_split(self) -> int:
        marks = self.folder / "marks"
        return marks.stat().st_size if marks.exists() else 0

    def holdings(self) -> dict[str, list[tuple[float, float]]]:
        """When it had each task, in seconds: from the assignment until it was suspended or closed."""
        holdings: dict[str, list[tuple[float, float]]] = collections.defaultdict(list)
        for entry in self.log().splitlines():
            head, separator, event = entry.partition(" task ")
            if not separator:
                continue
            at = float(head.split()[0])
            seconds = at / 1000 if at > 1e11 else at
            task, _, event = event.partition(" ")
            times = holdings[task]
            is_open = bool(times) and times[-1][1] == float("inf")
            if event.startswith("assigned") and not is_open:
                times.append((seconds, float("inf")))
            elif event.startswith(("suspended", "closed")) and is_open:
                times[-1] = (times[-1][0], seconds)
        return holdings

    def tasks(self) -> int:
        """How many tasks it has now."""
        assert self.process.poll() is None, self.log()
        return sum(1 for times in self.holdings().values() if times[-1][1] == float("inf"))

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.log()


@pytest.fixture
def instances(kafka: str, tmp_path: pathlib.Path) -> Iterator[Callable[[str], Instance]]:
    """Starts a process in `rust` or `python`."""
    started: list[Instance] = []

    def start(language: str) -> Instance:
        folder = tmp_path / language
        folder.mkdir()
        settings = [f"{key}={value}" for key, value in SETTINGS.items()]
        if language == "rust":
            program = pathlib.Path(os.environ["KS_BROKER"]).with_name("word_count")
            options = {"bootstrap-servers": kafka, "application-id": "shared", "input": "shared-input"}
            options |= {"output": "shared-output", "mark": str(folder / "marks")}
            command = [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]
            for setting in [*settings, f"state.dir={folder}/state"]:
                command += ["--config", setting]
        else:
            command = [sys.executable, "-c", textwrap.dedent(PROGRAM), kafka, str(folder), *settings]
        started.append(Instance(command, folder))
        return started[-1]

    yield start
    for instance in started:
        if instance.process.poll() is None:
            instance.process.kill()
            instance.process.wait()


class Feeder(threading.Thread):
    """Keeps some lines of input ahead of the application, until it is told to stop."""

    def __init__(self, kafka: str, split: Callable[[], int]) -> None:
        super().__init__()
        self.kafka, self.split = kafka, split
        self.written = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        with Producer(bootstrap_servers=self.kafka) as producer:
            while not self.is_over.is_set():
                for number in range(self.written, self.written + 1000):
                    producer.send("shared-input", line(number).encode(), partition=number % PARTITIONS)
                producer.flush(60)
                self.written += 1000
                while self.written > self.split() + 2000 and not self.is_over.is_set():
                    time.sleep(0.01)


def read_counts(kafka: str, expected: int) -> list[tuple[str, int]]:
    """The output, as soon as it is there, and what follows it."""
    counts: list[tuple[str, int]] = []
    deadline = time.monotonic() + 90
    with Consumer(bootstrap_servers=kafka, group_id="shared-readers", auto_offset_reset="earliest") as consumer:
        consumer.subscribe("shared-output")
        while len(counts) < expected:
            assert time.monotonic() < deadline, f"{len(counts)} of {expected} counts"
            counts += [read(record) for record in consumer.poll(0.5)]
        counts += [read(record) for record in consumer.poll(1.0)]
    return counts


def read(record: Record[bytes | None, bytes | None]) -> tuple[str, int]:
    assert record.key is not None and record.value is not None
    return serde.string.deserialize(record.key), serde.long.deserialize(record.value)


def test_rust_and_python_share_the_tasks(
    kafka: str, instances: Callable[[str], Instance], wait_until: Callable[..., None]
) -> None:
    with Admin(bootstrap_servers=kafka) as admin:
        admin.create_topics([NewTopic("shared-input", PARTITIONS), NewTopic("shared-output", 1)])
    rust = instances("rust")
    others: list[Instance] = []
    feeder = Feeder(kafka, lambda: sum(instance.lines_split() for instance in [rust, *others]))
    feeder.start()
    try:
        wait_until(lambda: rust.lines_split() > 2000, 60)
        python = instances("python")
        others.append(python)
        wait_until(lambda: rust.tasks() == python.tasks() == PARTITIONS, 60)
        before = [rust.lines_split(), python.lines_split()]
        wait_until(lambda: rust.lines_split() + python.lines_split() > sum(before) + 10_000, 60)
        done = [rust.lines_split() - before[0], python.lines_split() - before[1]]
    finally:
        feeder.is_over.set()
        feeder.join()
    assert min(done) > 0.2 * sum(done), f"lines of each: {done}"

    counts = read_counts(kafka, WORDS_PER_LINE * feeder.written)
    python.close()
    rust.close()
    expected = collections.Counter(word for number in range(feeder.written) for word in line(number).split())
    assert dict(counts) == dict(expected)
    assert len(counts) == expected.total()
    assert rust.lines_split() + python.lines_split() == feeder.written
    # Each task is in one place at a time.
    others_tasks = python.holdings()
    assert sum(len(others_tasks[task]) for task in others_tasks) >= PARTITIONS
    for task, times in rust.holdings().items():
        for begin, end in times:
            for other_begin, other_end in others_tasks[task]:
                assert end <= other_begin or other_end <= begin, f"task {task}: {times} {others_tasks[task]}"
