"""From what people write for times and settings to what the library takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Union

Duration = Union[float, timedelta]
"""Seconds, or a timedelta."""
Timestamp = Union[int, datetime]
"""Milliseconds since 1970, or a datetime; one without a time zone is local time, as elsewhere in Python."""
SettingValue = Union[str, int, float, bool, timedelta, Iterable[str]]
Settings = Mapping[str, SettingValue]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def seconds(duration: Duration) -> float:
    """A duration in seconds."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


def milliseconds(duration: Duration) -> int:
    """A duration in milliseconds."""
    return round(seconds(duration) * 1000)


def timestamp(when: Timestamp) -> int:
    """A moment in milliseconds since 1970."""
    if isinstance(when, datetime):
        return (when.astimezone(timezone.utc) - _EPOCH) // timedelta(milliseconds=1)
    return when


def setting_pairs(settings: Settings | None, keywords: Settings) -> list[tuple[str, str]]:
    """Settings as names and texts. Keywords have underscores where Kafka's names have dots."""
    named = dict(settings or {})
    named.update({name.replace("_", "."): value for name, value in keywords.items()})
    return [(name, _text(value)) for name, value in named.items()]


def _text(value: SettingValue) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return str(milliseconds(value))
    if isinstance(value, (int, float)):
        return str(value)
    return ",".join(value)
