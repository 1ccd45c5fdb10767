"""How keys and values are written as bytes, in the same form as Kafka's own serdes.

Wherever a serde is needed its name does as well: ``value_serde="long"`` is ``value_serde=serde.long``.
"""

from ._native import Serde

__all__ = ["Serde", "boolean", "bytes", "double", "float", "int", "long", "short", "string"]

bytes: Serde = Serde("bytes")
"""``bytes`` as they are."""
string: Serde = Serde("string")
"""``str`` as UTF-8. Malformed bytes are read as U+FFFD, as in Java."""
short: Serde = Serde("short")
"""``int`` as 16 bits, big endian."""
int: Serde = Serde("int")
"""``int`` as 32 bits, big endian."""
long: Serde = Serde("long")
"""``int`` as 64 bits, big endian."""
float: Serde = Serde("float")
"""``float`` as 32 bits, big endian."""
double: Serde = Serde("double")
"""``float`` as 64 bits, big endian."""
boolean: Serde = Serde("boolean")
"""``bool`` as one byte, 0 or 1."""
