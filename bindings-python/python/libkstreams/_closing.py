"""The end of `with` blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from .errors import ClosedError, KafkaError


def close_behind(flying: BaseException | None, close: Callable[[], None]) -> None:
    """Closes, without hiding the exception that ends the block. What was closed in the block stays closed."""
    try:
        close()
    except ClosedError:
        pass
    except KafkaError as error:
        if flying is None:
            raise
        _note(flying, f"closing failed as well: {error}")


async def close_behind_async(flying: BaseException | None, close: Callable[..., None], *arguments: Any) -> None:
    """As `close_behind`, beside the loop."""
    closing = asyncio.get_running_loop().run_in_executor(None, close, *arguments)
    try:
        # A cancelled task must not leave a half-closed client behind.
        await asyncio.shield(closing)
    except ClosedError:
        pass
    except KafkaError as error:
        if flying is None:
            raise
        _note(flying, f"closing failed as well: {error}")


def _note(flying: BaseException, text: str) -> None:
    if hasattr(flying, "add_note"):  # Python 3.11
        flying.add_note(text)
