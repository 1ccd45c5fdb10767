"""The process around the library: signals, forks, threads, logs and the interpreter's end."""

from __future__ import annotations

import gc
import json
import logging
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from typing import Any

import libkstreams
import pytest
from libkstreams import EmbeddedCluster, InvalidError, Producer, StreamsBuilder, TestDriver, Topology

# What the programs below begin with. Their first argument is the cluster, their second a folder.
BEGINNING = """
    import os, signal, sys, threading, time
    from libkstreams import *

    servers, folder = sys.argv[1:]
    config = {
        "application.id": "app", "bootstrap.servers": servers, "state.dir": folder, "auto.offset.reset": "earliest",
        "session.timeout.ms": 2000, "heartbeat.interval.ms": 300,
    }

    def streams(function=lambda key, value: value):
        builder = StreamsBuilder()
        stream = builder.stream("in", key_serde="string", value_serde="string")
        stream.map_values(function).to("out")
        return KafkaStreams(builder.build(), config, default_key_serde="string", default_value_serde="string")

    def say(*words):
        print(*words, flush=True)
"""


class Program:
    """A Python program beside the test."""

    def __init__(self, text: str, cluster: EmbeddedCluster, folder: pathlib.Path) -> None:
        program = textwrap.dedent(BEGINNING) + textwrap.dedent(text)
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", program, cluster.bootstrap_servers, str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Its next line."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, timeout: float = 30) -> tuple[int, str, str]:
        """Its status, the rest of its output, and its errors."""
        out, err = self.process.communicate(timeout=timeout)
        return self.process.returncode, out.strip(), err


@pytest.fixture
def run(cluster: EmbeddedCluster, tmp_path: pathlib.Path) -> Any:
    """Starts programs, with the topics `in` and `out`, and one record in `in`."""
    cluster.create_topic("in")
    cluster.create_topic("out")
    with Producer(bootstrap_servers=cluster.bootstrap_servers) as producer:
        producer.send("in", b"first").result(30)
    programs: list[Program] = []

    def start(text: str) -> Program:
        programs.append(Program(text, cluster, tmp_path))
        return programs[-1]

    yield start
    for program in programs:
        program.process.kill()
        program.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_closes_at_a_signal_within_two_seconds(run: Any, number: int) -> None:
    program = run("""
        application = streams(lambda key, value: say("saw", value) or value)
        application.run()
        say(application.state.name, signal.getsignal(signal.SIGINT) is signal.default_int_handler)
    """)
    assert program.line() == "saw first"
    start = time.monotonic()
    program.process.send_signal(number)
    assert program.end() == (0, "NOT_RUNNING True", "")
    assert time.monotonic() - start < 2


def test_run_raises_what_the_application_failed_with(run: Any) -> None:
    program = run("""
        def fail(key, value):
            raise LookupError(value)
        try:
            streams(fail).run()
        except LookupError as error:
            say("caught", error)
    """)
    status, out, _ = program.end()
    assert (status, out) == (0, "caught first")


WAITS = {
    "poll": "consumer = Consumer(config, group_id='g'); consumer.subscribe('out'); wait = consumer.poll",
    "iterate": "consumer = Consumer(config, group_id='g'); consumer.subscribe('out'); wait = lambda: next(iter(consumer))",
    "wait_for": "config['bootstrap.servers'] = '127.0.0.1:1'; a = streams(); a.start(); wait = lambda: a.wait_for(State.RUNNING)",
    "wait_until_stopped": "a = streams(); a.start(); wait = a.wait_until_stopped",
    "result": "p = Producer(bootstrap_servers='127.0.0.1:1'); wait = p.send('t').result",
    "flush": "p = Producer(bootstrap_servers='127.0.0.1:1'); p.send('t'); wait = p.flush",
    "admin": "admin = Admin(bootstrap_servers='127.0.0.1:1'); wait = admin.topics",
    "close": "a = streams(lambda k, v: threading.Event().wait()); a.start(); time.sleep(1); wait = a.close",
}


@pytest.mark.parametrize("call", WAITS)
def test_ctrl_c_ends_every_wait_within_a_fifth_of_a_second(run: Any, call: str) -> None:
    program = run(f"""
        {WAITS[call]}
        say("waiting")
        try:
            wait()
        except KeyboardInterrupt:
            say(time.monotonic())
        sys.stdout.flush()
        os._exit(0)
    """)
    assert program.line() == "waiting"
    time.sleep(0.3)
    start = time.monotonic()
    program.process.send_signal(signal.SIGINT)
    assert float(program.line()) - start < 0.2


ENDS = {
    "return": "",
    "exit": "sys.exit(0)",
    "exception in a thread": "threading.Thread(target=sys.exit).start()",
    "collected": "import gc; del application; gc.collect()",
}


@pytest.mark.parametrize("end", ENDS)
def test_the_interpreter_ends_with_an_application_running(run: Any, end: str) -> None:
    program = run(f"""
        seen = threading.Event()
        application = streams(lambda key, value: seen.set() or value)
        application.start()
        assert seen.wait(30)
        producer = Producer(config)
        producer.send("out", b"v")
        {ENDS[end]}
    """)
    status, out, err = program.end(15)
    assert (status, out) == (0, ""), err
    assert "Traceback" not in err and "panick" not in err, err


def test_the_interpreter_ends_while_a_function_sleeps(run: Any) -> None:
    program = run("""
        started = threading.Event()
        def sleep(key, value):
            started.set()
            time.sleep(1000)
        streams(sleep).start()
        assert started.wait(30)
        say("leaving")
    """)
    assert program.line() == "leaving"
    status, _, err = program.end(20)
    assert status == 0, err


def test_the_interpreter_ends_while_a_function_spins(run: Any) -> None:
    program = run("""
        started = threading.Event()
        def spin(key, value):
            started.set()
            while True:
                pass
        streams(spin).start()
        assert started.wait(30)
        say("leaving")
    """)
    assert program.line() == "leaving"
    status, _, err = program.end(20)
    assert status == 0, err


def test_close_says_so_when_a_function_never_returns(run: Any) -> None:
    program = run("""
        started, go_on = threading.Event(), threading.Event()
        def block(key, value):
            started.set()
            go_on.wait()
            return value
        application = streams(block)
        application.start()
        assert started.wait(30)
        try:
            application.close(0.5)
        except TimeoutError as error:
            say(type(error).__module__, "state" in error.facts, "background" in str(error))
        go_on.set()
        try:
            application.close(10)
        except TimeoutError as error:
            # The thread may have ended before or behind the first call's deadline.
            assert "without a commit" in str(error), error
        say(application.state.name)
    """)
    status, out, err = program.end()
    assert (status, out) == (0, "libkstreams.errors True True\nNOT_RUNNING"), err


def test_an_object_from_before_a_fork_is_refused_in_the_child(run: Any) -> None:
    program = run("""
        import json
        application = streams()
        application.start()
        application.wait_for(State.RUNNING, 30)
        producer, consumer, admin = Producer(config), Consumer(config, group_id="g"), Admin(config)
        future = producer.send("out", b"v")
        cluster = EmbeddedCluster()
        calls = {
            "KafkaStreams": lambda: application.close(),
            "Producer": lambda: producer.send("out", b"v"),
            "Consumer": lambda: consumer.poll(0),
            "Admin": lambda: admin.topics(),
            "Future": lambda: future.result(),
            "EmbeddedCluster": lambda: cluster.create_topic("t"),
        }
        child = os.fork()
        if child == 0:
            found = {}
            for noun, call in calls.items():
                try:
                    call()
                except InvalidError as error:
                    found[error.facts["object"]] = str(error)
            with Producer(config) as own:
                found["new"] = own.send("out", b"child").result(30).topic
            say(json.dumps(found))
            sys.exit(0)
        _, status = os.waitpid(child, 0)
        say(json.dumps({"status": status, "parent": producer.send("out", b"parent").result(30).topic}))
        application.close(10)
    """)
    found = json.loads(program.line())
    assert found.pop("new") == "out"
    assert sorted(found) == ["Admin", "Consumer", "EmbeddedCluster", "Future", "KafkaStreams", "Producer"]
    assert all("created before a fork" in text and "make a new one in the child" in text for text in found.values())
    assert json.loads(program.line()) == {"status": 0, "parent": "out"}
    status, _, err = program.end()
    assert status == 0, err


def identity() -> Topology:
    builder = StreamsBuilder()
    stream = builder.stream("in", key_serde="string", value_serde="string")
    stream.map_values(lambda key, value: value).to("out", key_serde="string", value_serde="string")
    return builder.build()


def test_one_driver_in_two_threads_is_refused_or_served() -> None:
    with TestDriver(identity()) as driver:
        refused: list[BaseException] = []

        def pipe() -> None:
            for _ in range(200):
                try:
                    driver.pipe_batch("in", [("k", "v")] * 10, key_serde="string", value_serde="string")
                except InvalidError as error:
                    refused.append(error)

        threads = [threading.Thread(target=pipe) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        assert len(driver.read("out")) == (800 - len(refused)) * 10
        assert all("in use" in str(error) for error in refused)


def test_drivers_of_one_topology_run_in_many_threads() -> None:
    topology = identity()
    counts: list[int] = []

    def pipe() -> None:
        with TestDriver(topology) as driver:
            for n in range(300):
                driver.pipe("in", "k", str(n), key_serde="string", value_serde="string")
            counts.append(len(driver.read("out")))

    threads = [threading.Thread(target=pipe) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert counts == [300] * 8


def test_objects_go_away_when_nobody_has_them() -> None:
    class Callable:
        def __call__(self, key: Any, value: Any) -> Any:
            return value

    function = Callable()
    gone = weakref.ref(function)
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").map_values(function).for_each(function)
    topology = builder.build()
    driver = TestDriver(topology)
    driver.pipe("in", "k", "v", key_serde="string", value_serde="string")
    driver.close()
    del function, builder, topology, driver
    gc.collect()
    assert gone() is None


def test_the_memory_of_many_records_is_given_back() -> None:
    def resident() -> int:
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    with TestDriver(identity()) as driver:
        for round_ in range(30):
            driver.pipe_batch("in", [("k", "v" * 100)] * 5000, key_serde="string", value_serde="string")
            assert len(driver.read("out")) == 5000
            if round_ == 9:
                before = resident()
    assert resident() - before < 20 << 20


def test_the_librarys_logs_arrive_in_logging(
    caplog: pytest.LogCaptureFixture, wait_until: Any, tmp_path: pathlib.Path
) -> None:
    with caplog.at_level(logging.ERROR, "libkstreams"):

        def fail(key: Any, value: Any) -> Any:
            raise LookupError("logged")

        builder = StreamsBuilder()
        builder.stream("in", key_serde="string", value_serde="string").for_each(fail)
        driver = TestDriver(builder.build())
        before = time.time()
        with pytest.raises(LookupError):
            driver.pipe("in", "k", "v", key_serde="string", value_serde="string")
        wait_until(lambda: any("stopping at a failed record" in record.message for record in caplog.records))
    [record] = [record for record in caplog.records if "stopping at a failed record" in record.message]
    assert record.name.startswith("libkstreams.")
    assert record.levelno == logging.ERROR
    assert "LookupError: logged" in record.message
    assert abs(record.created - before) < 10


def test_an_unknown_log_level_is_refused() -> None:
    with pytest.raises(InvalidError, match="unknown log level got=`loud` expected=`error, warn, info, debug or trace`"):
        libkstreams.set_log_level("loud")  # type: ignore[arg-type]
