"""The package itself: what it exports, how it is documented, and that its stubs are true."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pathlib
import pkgutil
import subprocess
import sys

import libkstreams
import pytest

MODULES = [
    importlib.import_module(f"libkstreams.{module.name}")
    for module in pkgutil.iter_modules(libkstreams.__path__)
    if not module.name.startswith("_")
]


def test_the_package_is_typed() -> None:
    assert (pathlib.Path(libkstreams.__file__).parent / "py.typed").exists()


def test_everything_that_is_exported_is_there() -> None:
    assert sorted(libkstreams.__all__) == libkstreams.__all__
    for name in libkstreams.__all__:
        assert hasattr(libkstreams, name), name


@pytest.mark.parametrize("name", libkstreams.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    public = getattr(libkstreams, name)
    if not inspect.isclass(public):
        return
    assert public.__doc__, name
    for member, value in vars(public).items():
        if not member.startswith("_") and (callable(value) or isinstance(value, property)):
            assert inspect.getdoc(value), f"{name}.{member}"


@pytest.mark.parametrize("module", [libkstreams, *MODULES], ids=lambda module: module.__name__)
def test_the_examples_run(module: object) -> None:
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)  # type: ignore[arg-type]
    assert result.failed == 0


def test_the_native_half_is_as_its_stub_says() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "libkstreams._native", "--ignore-disjoint-bases"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
