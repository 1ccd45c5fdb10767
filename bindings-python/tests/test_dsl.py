"""Streams and tables: each operator does what its name says, with Python's natural values."""

from __future__ import annotations

from typing import Any

import pytest
from libkstreams import InvalidError, KStream, Materialized, StreamsBuilder, TestDriver, serde


def run(
    build: Any, *records: tuple[Any, Any], value_serde: Any = serde.string, key_serde: Any = serde.string
) -> list[tuple[Any, Any]]:
    """Builds `in` -> `out`, pipes text records, and gives keys and values of what came out."""
    builder = StreamsBuilder()
    stream: KStream[Any, Any] = builder.stream("in", key_serde=serde.string, value_serde=serde.string)
    made = build(stream)
    if made is not None:
        made.to("out", key_serde=key_serde, value_serde=value_serde)
    with TestDriver(builder.build(), statestore_cache_max_bytes=0) as driver:
        for key, value in records:
            driver.pipe("in", key, value, key_serde="string", value_serde="string")
        return [(r.key, r.value) for r in driver.read("out", key_serde=key_serde, value_serde=value_serde)]


def test_filter_keeps_what_is_true() -> None:
    assert run(lambda s: s.filter(lambda k, v: v > "b"), ("1", "a"), ("2", "c")) == [("2", "c")]


def test_filter_takes_truth_as_python_does() -> None:
    assert run(lambda s: s.filter(lambda k, v: k), (None, "a"), ("", "b"), ("2", "c")) == [("2", "c")]


def test_filter_not_keeps_what_is_false() -> None:
    assert run(lambda s: s.filter_not(lambda k, v: v > "b"), ("1", "a"), ("2", "c")) == [("1", "a")]


def test_map_gives_keys_and_values() -> None:
    assert run(lambda s: s.map(lambda k, v: (v, k)), ("k", "v"), (None, "v")) == [("v", "k"), ("v", None)]


def test_map_values_gets_the_key_too() -> None:
    assert run(lambda s: s.map_values(lambda k, v: k + v), ("k", "v")) == [("k", "kv")]


def test_flat_map_gives_any_number_of_pairs() -> None:
    made = run(lambda s: s.flat_map(lambda k, v: [(c, k) for c in v]), ("k", "ab"), ("x", ""), ("y", "c"))
    assert made == [("a", "k"), ("b", "k"), ("c", "y")]


def test_flat_map_values_takes_generators_as_they_go() -> None:
    seen: list[str] = []

    def split(key: str, value: str) -> Any:
        for word in value.split():
            seen.append("make " + word)
            yield word

    def build(stream: KStream[Any, Any]) -> KStream[Any, Any]:
        return stream.flat_map_values(split).peek(lambda k, v: seen.append("see " + v))

    assert run(build, ("k", "a b")) == [("k", "a"), ("k", "b")]
    assert seen == ["make a", "see a", "make b", "see b"]


def test_select_key_changes_keys_alone() -> None:
    assert run(lambda s: s.select_key(lambda k, v: v.upper()), ("k", "v")) == [("V", "v")]


def test_for_each_sees_everything_and_ends_the_stream() -> None:
    seen: list[tuple[Any, Any]] = []
    assert run(lambda s: s.for_each(lambda k, v: seen.append((k, v))), ("a", "1"), (None, None)) == []
    assert seen == [("a", "1"), (None, None)]


def test_merge_has_the_records_of_both() -> None:
    def build(stream: KStream[Any, Any]) -> KStream[Any, Any]:
        return stream.filter(lambda k, v: v == "a").merge(stream.filter(lambda k, v: v == "b"), name="both")

    assert run(build, ("k", "b"), ("k", "c"), ("k", "a")) == [("k", "b"), ("k", "a")]


def test_repartition_drops_records_without_key() -> None:
    made = run(lambda s: s.repartition(name="again", key_serde="string", value_serde="string"), ("k", "v"), (None, "w"))
    assert made == [("k", "v")]


def test_count_counts_each_key() -> None:
    made = run(lambda s: s.group_by_key().count().to_stream(), ("a", "x"), ("b", "x"), ("a", "y"), value_serde="long")
    assert made == [("a", 1), ("b", 1), ("a", 2)]


def test_group_by_counts_what_the_function_says() -> None:
    def build(stream: KStream[Any, Any]) -> KStream[Any, int]:
        return stream.group_by(lambda k, v: v, key_serde="string", value_serde="string").count().to_stream()

    assert run(build, (None, "x"), ("k", "x"), value_serde="long") == [("x", 1), ("x", 2)]


def test_reduce_folds_values() -> None:
    made = run(lambda s: s.group_by_key().reduce(lambda old, new: old + new).to_stream(), ("a", "x"), ("a", "y"))
    assert made == [("a", "x"), ("a", "xy")]


def test_aggregate_folds_into_another_type() -> None:
    def build(stream: KStream[Any, Any]) -> KStream[Any, int]:
        table = stream.group_by_key().aggregate(
            lambda: 100, lambda k, v, so_far: so_far + len(v), Materialized("lengths", value_serde=serde.long)
        )
        return table.to_stream(name="lengths-stream")

    assert run(build, ("a", "xx"), ("a", "yyy"), value_serde=serde.long) == [("a", 102), ("a", 105)]


def test_an_aggregate_of_none_deletes_the_row() -> None:
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").group_by_key().aggregate(
        lambda: 0, lambda k, v, n: (n or 0) + 1 if v else None, Materialized("rows", value_serde="long")
    )
    with TestDriver(builder.build()) as driver:
        driver.pipe("in", "a", "x", key_serde="string", value_serde="string")
        assert driver.store("rows", key_serde="string", value_serde="long") == {"a": 1}
        driver.pipe("in", "a", "", key_serde="string", value_serde="string")
        assert driver.store("rows") == {}


def test_a_store_in_memory_counts_like_one_on_disk() -> None:
    for store in ("memory", "rocksdb"):
        builder = StreamsBuilder()
        kept = Materialized("counts", store=store, caching=False, logging=False)
        builder.stream("in", key_serde="string", value_serde="string").group_by_key().count(kept)
        with TestDriver(builder.build()) as driver:
            driver.pipe_batch("in", [("b", ""), ("a", ""), ("b", "")], key_serde="string", value_serde="string")
            assert list(driver.store("counts", key_serde="string", value_serde="long").items()) == [("a", 1), ("b", 2)]
            assert driver.outputs() == []  # no changelog


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("bytes", [b"", b"\x00\xff", b"x" * 100]),
        ("string", ["", "a", "häßlich", "\N{GRINNING FACE}" * 30]),
        ("short", [-(2**15), 2**15 - 1]),
        ("int", [-(2**31), 2**31 - 1]),
        ("long", [-(2**63), 2**63 - 1, 0]),
        ("float", [0.5, -2.0]),
        ("double", [0.1, float("inf")]),
        ("boolean", [True, False]),
    ],
)
def test_values_pass_through_a_function_as_they_are(name: str, values: list[Any]) -> None:
    builder = StreamsBuilder()
    seen: list[Any] = []

    def look(key: Any, value: Any) -> Any:
        seen.append(value)
        return value

    builder.stream("in", key_serde="bytes", value_serde=name).map_values(look).to("out", value_serde=name)
    with TestDriver(builder.build()) as driver:
        driver.pipe_batch("in", [(None, value) for value in values], value_serde=name)
        assert [r.value for r in driver.read("out", value_serde=name)] == values
    assert seen == values
    assert {type(value) for value in seen} == {type(values[0])}


def test_names_are_those_that_were_given() -> None:
    builder = StreamsBuilder()
    stream = builder.stream("in", name="reader", key_serde="string", value_serde="string")
    stream.map_values(lambda k, v: v, name="mapper").to("out", name="writer")
    assert builder.build().describe() == (
        "Topologies:\n"
        "   Sub-topology: 0\n"
        "    Source: reader (topics: [in])\n"
        "      --> mapper\n"
        "    Processor: mapper (stores: [])\n"
        "      --> writer\n"
        "      <-- reader\n"
        "    Sink: writer (topic: out)\n"
        "      <-- mapper\n\n"
    )


def test_the_word_count_is_javas() -> None:
    builder = StreamsBuilder()
    lines = builder.stream("streams-plaintext-input", key_serde="string", value_serde="string")
    words = lines.flat_map_values(lambda key, line: line.lower().split())
    words.group_by(lambda key, word: word).count().to_stream().to(
        "streams-wordcount-output", key_serde="string", value_serde="long"
    )
    topology = builder.build()
    assert topology.store_names == ["KSTREAM-AGGREGATE-STATE-STORE-0000000003"]
    assert topology.source_topics == ["streams-plaintext-input"]
    assert topology.sink_topics == ["streams-wordcount-output"]
    assert "Sink: KSTREAM-SINK-0000000009 (topic: streams-wordcount-output)" in str(topology)


def test_a_timestamp_extractor_gives_the_records_their_time() -> None:
    builder = StreamsBuilder()
    stream = builder.stream(
        "in", key_serde="string", value_serde="string", timestamp_extractor=lambda record, highest: int(record.value)
    )
    stream.to("out")
    with TestDriver(builder.build()) as driver:
        driver.pipe_batch("in", [("k", "5"), ("k", "-1"), ("k", "7")], key_serde="string", value_serde="string")
        assert [r.timestamp for r in driver.read("out")] == [5, 7]
        assert driver.dropped == 1


def test_a_partitioner_chooses_partitions() -> None:
    answers: dict[str, Any] = {"one": 0, "list": [0], "producer": None, "nowhere": []}
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").to(
        "out", partitioner=lambda topic, key, value, partitions: answers[value]
    )
    with TestDriver(builder.build()) as driver:
        driver.pipe_batch("in", [("k", value) for value in answers], key_serde="string", value_serde="string")
        sent = [(r.value, r.partition) for r in driver.read("out", value_serde="string")]
    assert sent == [("one", 0), ("list", 0), ("producer", None)]


def test_a_mistake_is_raised_where_it_was_made() -> None:
    stream = StreamsBuilder().stream("in")
    with pytest.raises(InvalidError, match="name") as raised:
        stream.filter(lambda k, v: True, name="not a name!")
    assert raised.value.facts["name"] == "not a name!"


def test_streams_of_two_builders_cannot_be_merged() -> None:
    with pytest.raises(InvalidError, match="two builders"):
        StreamsBuilder().stream("a").merge(StreamsBuilder().stream("b"))


@pytest.mark.parametrize("wrong", [None, 7, "text"])
def test_only_functions_are_functions(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a function is needed here, not an object of type"):
        StreamsBuilder().stream("in").filter(wrong)


def test_an_unknown_serde_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidError, match="unknown serde got=`text` expected=`bytes, string"):
        StreamsBuilder().stream("in", key_serde="text")
    with pytest.raises(TypeError, match="a serde of libkstreams.serde or its name"):
        StreamsBuilder().stream("in", key_serde=3)  # type: ignore[arg-type]


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidError, match="offset_reset.*got=`first`.*earliest, latest or none"):
        StreamsBuilder().stream("in", offset_reset="first")  # type: ignore[arg-type]
    with pytest.raises(InvalidError, match="store.*got=`disk`.*memory or rocksdb"):
        StreamsBuilder().stream("in").group_by_key().count(Materialized(store="disk"))  # type: ignore[arg-type]
