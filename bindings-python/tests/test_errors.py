"""Failures: every kind has its class, and a function's own exception stays the same object."""

from __future__ import annotations

import pickle
from typing import Any

import libkstreams
import pytest
from libkstreams import (
    ClosedError,
    DataError,
    FailureContext,
    HandlerResponse,
    InvalidError,
    KafkaError,
    PartialError,
    StreamsBuilder,
    TestDriver,
    Topology,
    _native,
    errors,
)


def topology(**functions: Any) -> Topology:
    """`in` -> one operator -> `out`, all text."""
    builder = StreamsBuilder()
    stream = builder.stream("in", key_serde="string", value_serde="string")
    for operator, function in functions.items():
        stream = getattr(stream, operator)(function, name="node")
    stream.to("out", key_serde="string", value_serde="string")
    return builder.build()


def pipe(driver: TestDriver, *values: Any) -> None:
    driver.pipe_batch("in", [("k", value) for value in values], key_serde="string", value_serde="string")


def test_every_kind_has_its_class() -> None:
    classes = {cls.kind: cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, KafkaError)}
    for name, _, advice in _native.error_kinds():
        cls = classes[name]
        assert cls.__name__ == name.capitalize() + "Error"
        assert getattr(libkstreams, cls.__name__) is cls
        assert cls.__doc__ == advice
    assert len(errors._BY_KIND) == len(_native.error_kinds())


def test_builtin_exceptions_are_bases_where_python_has_them() -> None:
    import builtins

    assert issubclass(libkstreams.TimeoutError, builtins.TimeoutError)
    assert issubclass(libkstreams.DeniedError, PermissionError)


def test_an_exception_tells_kind_code_and_facts() -> None:
    error = libkstreams.DeniedError("not allowed", code=29, facts={"topic": "orders", "partition": "3"})
    assert (error.kind, error.code, error.topic, error.partition) == ("denied", 29, "orders", 3)
    assert str(error) == "not allowed topic=`orders` partition=`3`"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code) == (type(error), str(error), 29)


def test_a_partial_error_has_both_halves() -> None:
    failure = DataError("too large")
    error = PartialError([(0, "first")], [(1, failure)])
    assert (error.succeeded, error.failed, error.kind, error.__cause__) == (
        [(0, "first")],
        [(1, failure)],
        "data",
        failure,
    )


class Refused(Exception):
    """The program's own."""


@pytest.mark.parametrize(
    "operator",
    ["filter", "filter_not", "map", "map_values", "flat_map", "flat_map_values", "select_key", "peek"],
)
def test_what_a_function_raises_comes_out_as_the_same_object(operator: str) -> None:
    thrown = Refused("no")

    def fail(key: str, value: str) -> Any:
        raise thrown

    seen: list[tuple[FailureContext, BaseException]] = []

    def handler(context: FailureContext, error: BaseException) -> HandlerResponse:
        seen.append((context, error))
        return HandlerResponse.FAIL

    driver = TestDriver(topology(**{operator: fail}), processing_handler=handler)
    with pytest.raises(Refused) as raised:
        pipe(driver, "v")
    assert raised.value is thrown
    [(context, error)] = seen
    assert error is thrown
    assert (context.topic, context.partition, context.offset, context.node) == ("in", 0, 0, "node")
    assert (context.task, context.timestamp) == ("0_0", 0)
    frames = [frame.name for frame in raised.traceback]
    assert frames[-1] == "fail"


def test_a_generator_may_fail_between_two_items() -> None:
    def split(key: str, value: str) -> Any:
        yield "first"
        raise Refused(value)

    with TestDriver(topology(flat_map_values=split), processing_handler=go_on) as driver:
        pipe(driver, "a")
        assert [r.value for r in driver.read("out")] == [b"first"]


def go_on(context: FailureContext, error: BaseException) -> HandlerResponse:
    return HandlerResponse.CONTINUE


def test_a_handler_can_skip_the_record() -> None:
    with TestDriver(topology(map_values=lambda k, v: str(10 // int(v))), processing_handler=go_on) as driver:
        pipe(driver, "5", "0", "2")
        assert [r.value for r in driver.read("out", value_serde="string")] == ["2", "5"]
        assert driver.dropped == 1


def test_the_setting_can_skip_the_record_too() -> None:
    skip = {"processing.exception.handler": "LogAndContinueProcessingExceptionHandler"}
    with TestDriver(topology(map_values=lambda k, v: str(10 // int(v))), skip) as driver:
        pipe(driver, "0", "2")
        assert [r.value for r in driver.read("out", value_serde="string")] == ["5"]


def test_a_handler_that_raises_decides_to_fail_with_the_first_exception() -> None:
    thrown = Refused("first")

    def fail(key: str, value: str) -> str:
        raise thrown

    def handler(context: FailureContext, error: BaseException) -> HandlerResponse:
        raise Refused("second")

    with pytest.raises(Refused) as raised:
        pipe(TestDriver(topology(map_values=fail), processing_handler=handler), "v")
    assert raised.value is thrown


def test_keyboard_interrupt_is_an_exception_like_others() -> None:
    def interrupt(key: str, value: str) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipe(TestDriver(topology(map_values=interrupt)), "v")


@pytest.mark.parametrize(
    ("operator", "answer", "expected", "got"),
    [
        ("map_values", {}, "str, bytes, int, float, bool or None", "dict"),
        ("map_values", 2**64, "64 bits", "18446744073709551616"),
        ("map_values", "\ud800", None, "'\\ud800'"),
        ("select_key", object(), "str, bytes, int, float, bool or None", "object"),
        ("map", "kv", "a tuple of key and value", "str"),
        ("map", ("k", "v", "x"), "a tuple of key and value", "tuple"),
        ("map", ("k", []), "str, bytes, int, float, bool or None", "list"),
        ("flat_map", None, "a list or another iterable", "NoneType"),
        ("flat_map", ["kv"], "a tuple of key and value", "str"),
        ("flat_map_values", "word", "a list or another iterable", "str"),
        ("flat_map_values", [{}], "str, bytes, int, float, bool or None", "dict"),
    ],
)
def test_a_wrong_result_names_node_function_and_types(
    operator: str, answer: Any, expected: str | None, got: str
) -> None:
    def answerer(key: str, value: str) -> Any:
        return answer

    with pytest.raises(DataError) as raised:
        pipe(TestDriver(topology(**{operator: answerer})), "v")
    chain: list[BaseException] = []
    error: BaseException | None = raised.value
    while error is not None:
        chain.append(error)
        error = error.__cause__
    facts = {name: value for link in chain if isinstance(link, KafkaError) for name, value in link.facts.items()}
    assert facts["node"] == "node"
    assert facts["function"].endswith("answerer")
    assert facts.get("expected") == expected
    assert facts["got"] == got


def test_an_async_function_is_refused() -> None:
    async def predicate(key: str, value: str) -> bool:
        return True

    with pytest.warns(RuntimeWarning, match="never awaited"), pytest.raises(DataError, match="not an awaitable"):
        pipe(TestDriver(topology(filter=predicate)), "v")


def test_a_wrong_type_for_the_sink_names_both_types() -> None:
    with pytest.raises(DataError) as raised:
        pipe(TestDriver(topology(map_values=lambda k, v: 7)), "v")
    text = str(raised.value) + str(raised.value.__cause__)
    assert "KSTREAM-SINK" in text and "expected=`string`" in text and "got=`integer`" in text


def test_bytes_that_a_serde_cannot_read_go_to_their_handler() -> None:
    seen: list[BaseException] = []

    def handler(context: FailureContext, error: BaseException) -> HandlerResponse:
        seen.append(error)
        return HandlerResponse.CONTINUE

    builder = StreamsBuilder()
    builder.stream("in", key_serde="bytes", value_serde="long").to("out")
    with TestDriver(builder.build(), deserialization_handler=handler) as driver:
        driver.pipe("in", None, b"short")
        driver.pipe("in", None, b"\0\0\0\0\0\0\0\7")
        assert [r.value for r in driver.read("out", value_serde="long")] == [7]
    [error] = seen
    assert isinstance(error, DataError)


def test_an_unknown_setting_names_the_nearest() -> None:
    with pytest.raises(InvalidError) as raised:
        TestDriver(topology(), statestore_cache_max_byte=0)
    assert raised.value.facts["setting"] == "statestore.cache.max.byte"
    assert raised.value.facts["nearest"] == "statestore.cache.max.bytes"


def test_an_unknown_topic_is_named() -> None:
    with TestDriver(topology()) as driver, pytest.raises(InvalidError, match="does not read this topic topic=`other`"):
        driver.pipe("other", None, None)


def test_a_closed_driver_says_so() -> None:
    driver = TestDriver(topology())
    driver.close()
    driver.close()
    with pytest.raises(ClosedError, match="the test driver is closed"):
        pipe(driver, "v")


def test_a_driver_cannot_be_used_by_its_own_functions() -> None:
    holder: list[TestDriver] = []

    def reenter(key: str, value: str) -> str:
        holder[0].read("out")
        return value

    holder.append(TestDriver(topology(map_values=reenter)))
    with pytest.raises(InvalidError, match="the test driver is in use"):
        pipe(holder[0], "v")
