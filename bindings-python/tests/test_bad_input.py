"""What can be wrong with settings and state directories: kind, the object's name, and what to do about it."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import textwrap
from typing import Any

import pytest
from libkstreams import DataError, InvalidError, KafkaStreams, Producer, ResourceError, StreamsBuilder, Topology


def counts() -> Topology:
    builder = StreamsBuilder()
    builder.stream("in", key_serde="string", value_serde="string").group_by_key().count()
    return builder.build()


def config(state: pathlib.Path) -> dict[str, Any]:
    return {"application.id": "app", "bootstrap.servers": "127.0.0.1:1", "state.dir": str(state)}


@pytest.mark.parametrize("wrong", ["num.stream.thread", "statestore.cache.max.byte", "bootstrap.server"])
def test_an_unknown_setting_is_refused_with_the_nearest_known_one(tmp_path: pathlib.Path, wrong: str) -> None:
    with pytest.raises(InvalidError, match="unknown setting") as raised:
        KafkaStreams(counts(), config(tmp_path) | {wrong: 1})
    assert (raised.value.facts["setting"], raised.value.facts["nearest"]) == (wrong, wrong + "s")


@pytest.mark.parametrize(("setting", "value"), [("num.stream.threads", 0), ("linger.ms", -5)])
def test_a_setting_that_is_out_of_range_is_refused_with_the_range(setting: str, value: int) -> None:
    with pytest.raises(InvalidError) as raised:
        Producer({"bootstrap.servers": "127.0.0.1:1", setting: value})
    assert (raised.value.facts["setting"], raised.value.facts["value"]) == (setting, str(value))
    assert "allowed" in raised.value.facts


def test_a_state_directory_in_use_names_its_user(tmp_path: pathlib.Path) -> None:
    with KafkaStreams(counts(), config(tmp_path)), pytest.raises(ResourceError, match="is in use") as raised:
        KafkaStreams(counts(), config(tmp_path))
    facts = raised.value.facts
    assert (facts["process"], facts["path"]) == (str(os.getpid()), str(tmp_path / "app"))
    assert "state.dir" in facts["remedy"]


def test_a_foreign_state_layout_is_refused_and_left_alone(tmp_path: pathlib.Path) -> None:
    foreign = tmp_path / "app" / "kafka-streams-process-metadata"
    foreign.parent.mkdir()
    foreign.write_text("{}")
    with pytest.raises(DataError, match="another layout") as raised:
        KafkaStreams(counts(), config(tmp_path))
    facts = raised.value.facts
    assert (facts["found"], facts["path"]) == (foreign.name, str(foreign.parent))
    assert "state.dir" in facts["remedy"]
    assert foreign.read_text() == "{}"


def test_without_the_right_to_the_state_directory_it_is_denied_with_its_path(tmp_path: pathlib.Path) -> None:
    # Root may do everything: another process imports the package, and becomes nobody before it tries.
    program = """
        import os, sys
        from libkstreams import DeniedError, KafkaStreams, StreamsBuilder
        if os.geteuid() == 0:
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
        builder = StreamsBuilder()
        builder.stream("in", key_serde="string", value_serde="string").group_by_key().count()
        settings = {"application.id": "app", "bootstrap.servers": "127.0.0.1:1", "state.dir": sys.argv[1]}
        try:
            KafkaStreams(builder.build(), settings)
        except DeniedError as error:
            print(isinstance(error, PermissionError), error.kind, error.facts["path"], error.facts["remedy"])
    """
    state = tmp_path / "state"
    state.mkdir()
    for folder in [state, *tmp_path.parents[:3], tmp_path]:
        if folder != pathlib.Path("/tmp") and folder.owner() == tmp_path.owner():
            folder.chmod(0o555 if folder == state else 0o755)
    command = [sys.executable, "-c", textwrap.dedent(program), str(state)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    is_permission, kind, path, remedy = done.stdout.strip().split(" ", 3)
    assert (is_permission, kind) == ("True", "denied")
    assert path.startswith(str(state)) and "state.dir" in remedy
