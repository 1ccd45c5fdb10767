"""Running applications, on the cluster inside of this process."""

from __future__ import annotations

import pathlib
import threading
import time
from typing import Any

import libkstreams
import pytest
from libkstreams import (
    Consumer,
    EmbeddedCluster,
    FailureContext,
    HandlerResponse,
    InvalidError,
    KafkaStreams,
    KStream,
    Producer,
    State,
    StreamsBuilder,
    Topology,
    UncaughtResponse,
)


def topology(build: Any) -> Topology:
    builder = StreamsBuilder()
    made: KStream[Any, Any] = build(builder.stream("in", key_serde="string", value_serde="string"))
    made.to("out", key_serde="string", value_serde="string")
    return builder.build()


def feed(application: dict[str, Any], *values: str) -> None:
    with Producer(bootstrap_servers=application["bootstrap.servers"]) as producer:
        for value in values:
            producer.send("in", value.encode())


def results(application: dict[str, Any], count: int) -> list[bytes | None]:
    """The first values of the output."""
    settings = {"bootstrap.servers": application["bootstrap.servers"], "auto.offset.reset": "earliest"}
    values: list[bytes | None] = []
    with Consumer(settings, group_id="results") as consumer:
        consumer.subscribe("out")
        deadline = time.monotonic() + 30
        while len(values) < count:
            assert time.monotonic() < deadline, values
            values += [record.value for record in consumer.poll(0.2)]
    return values


@pytest.fixture
def topics(cluster: EmbeddedCluster) -> None:
    cluster.create_topic("in")
    cluster.create_topic("out")


@pytest.mark.usefixtures("topics")
def test_functions_run_until_close(application: dict[str, Any], wait_until: Any) -> None:
    changes: list[tuple[State, State]] = []
    names: set[str] = set()

    def upper(key: str | None, value: str) -> str:
        names.add(threading.current_thread().name)
        return value.upper()

    streams = KafkaStreams(
        topology(lambda s: s.map_values(upper)), application, state_listener=lambda new, old: changes.append((old, new))
    )
    assert streams.state is State.CREATED
    assert repr(streams) == "<KafkaStreams CREATED>"
    with streams:
        streams.start()
        streams.wait_for(State.RUNNING, 30)
        feed(application, "a", "b")
        assert results(application, 2) == [b"A", b"B"]
        [task] = streams.local_tasks
        assert (task.id, task.thread, task.partitions, task.is_running) == ("0_0", 1, (("in", 0),), True)
        assert streams.metrics["process-total"] == 2
        assert streams.error is None
    wait_until(lambda: len(changes) == 4)
    assert changes == [
        (State.CREATED, State.REBALANCING),
        (State.REBALANCING, State.RUNNING),
        (State.RUNNING, State.PENDING_SHUTDOWN),
        (State.PENDING_SHUTDOWN, State.NOT_RUNNING),
    ]
    assert len(names) == 1
    with pytest.raises(InvalidError, match="started once"):
        streams.start()


class Refused(Exception):
    """The program's own."""


@pytest.mark.usefixtures("topics")
def test_an_exception_is_the_same_object_everywhere(application: dict[str, Any]) -> None:
    thrown = Refused("no")
    at_handler: list[BaseException] = []
    at_uncaught: list[BaseException] = []

    def fail(key: str | None, value: str) -> str:
        raise thrown

    def handler(context: FailureContext, error: BaseException) -> HandlerResponse:
        assert (context.topic, context.offset) == ("in", 0)
        at_handler.append(error)
        return HandlerResponse.FAIL

    def uncaught(error: BaseException) -> UncaughtResponse:
        at_uncaught.append(error)
        return UncaughtResponse.SHUTDOWN_CLIENT

    streams = KafkaStreams(
        topology(lambda s: s.map_values(fail)),
        application,
        processing_handler=handler,
        uncaught_exception_handler=uncaught,
    )
    with streams:
        feed(application, "a")
        streams.start()
        with pytest.raises(Refused) as raised:
            streams.wait_until_stopped(30)
        assert raised.value is thrown
        assert streams.error is thrown
        assert streams.state is State.ERROR
    assert at_handler == [thrown]
    assert at_uncaught == [thrown]


@pytest.mark.usefixtures("topics")
def test_a_thread_can_be_replaced(application: dict[str, Any]) -> None:
    failures = [Refused("once")]

    def fail_once(key: str | None, value: str) -> str:
        if failures:
            raise failures.pop()
        return value

    streams = KafkaStreams(
        topology(lambda s: s.map_values(fail_once)),
        application,
        uncaught_exception_handler=lambda error: UncaughtResponse.REPLACE_THREAD,
    )
    with streams:
        feed(application, "a")
        streams.start()
        assert results(application, 1) == [b"a"]
        assert streams.error is None


@pytest.mark.usefixtures("topics")
def test_a_record_can_be_skipped(application: dict[str, Any]) -> None:
    streams = KafkaStreams(
        topology(lambda s: s.map_values(lambda key, value: str(10 // int(value)))),
        application,
        processing_handler=lambda context, error: HandlerResponse.CONTINUE,
    )
    with streams:
        feed(application, "0", "5")
        streams.start()
        assert results(application, 1) == [b"2"]
        assert streams.metrics["dropped-records-total"] == 1


@pytest.mark.usefixtures("topics")
def test_a_function_may_ask_for_the_end(application: dict[str, Any]) -> None:
    holder: list[KafkaStreams] = []

    def close(key: str | None, value: str) -> str:
        holder[0].close()
        return value

    with KafkaStreams(topology(lambda s: s.map_values(close)), application) as streams:
        holder.append(streams)
        feed(application, "a")
        streams.start()
        streams.wait_for(State.NOT_RUNNING, 30)
    assert results(application, 1) == [b"a"]


@pytest.mark.usefixtures("topics")
def test_functions_let_other_threads_run(application: dict[str, Any]) -> None:
    """A Python thread of the program goes on while records are processed, and the other way round."""
    with KafkaStreams(topology(lambda s: s.map_values(lambda key, value: value)), application) as streams:
        streams.start()
        streams.wait_for(State.RUNNING, 30)
        feed(application, *(str(n) for n in range(20_000)))
        spins = 0
        deadline = time.monotonic() + 60
        while streams.metrics["process-total"] < 20_000:
            assert time.monotonic() < deadline
            spins += 1
        assert spins > 0
    assert len(results(application, 20_000)) == 20_000


def test_a_missing_topic_ends_the_application_with_its_name(application: dict[str, Any]) -> None:
    with KafkaStreams(topology(lambda s: s), application) as streams:
        streams.start()
        with pytest.raises(InvalidError, match="source topic does not exist.*topic=`in`"):
            streams.wait_for(State.RUNNING, 30)
        assert isinstance(streams.error, InvalidError)


def test_a_cluster_that_is_away_is_waited_for(application: dict[str, Any]) -> None:
    application["bootstrap.servers"] = "127.0.0.1:1"
    with KafkaStreams(topology(lambda s: s), application) as streams:
        streams.start()
        with pytest.raises(libkstreams.TimeoutError, match="did not reach the state.*expected=`RUNNING`"):
            streams.wait_for(State.RUNNING, 0.5)
        assert streams.state is State.REBALANCING


@pytest.mark.parametrize("missing", ["application.id", "bootstrap.servers"])
def test_required_settings_are_required(application: dict[str, Any], missing: str) -> None:
    del application[missing]
    with pytest.raises(InvalidError, match=missing):
        KafkaStreams(topology(lambda s: s), application)


def test_a_state_directory_has_one_owner(application: dict[str, Any]) -> None:
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").group_by_key().count()
    first = KafkaStreams(builder.build(), application)
    with pytest.raises(libkstreams.ResourceError) as raised:
        KafkaStreams(builder.build(), application)
    assert application["state.dir"] in str(raised.value)
    first.close()
    KafkaStreams(builder.build(), application).close()


def test_clean_up_deletes_the_state(application: dict[str, Any], tmp_path: pathlib.Path) -> None:
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").group_by_key().count()
    task = tmp_path / application["application.id"] / "0_0"
    with KafkaStreams(builder.build(), application) as streams:
        task.mkdir()
        streams.clean_up()
        assert not task.exists()
