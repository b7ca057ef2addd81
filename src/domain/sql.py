"""The one writer of SQL in Python; lib/writers.sh holds its equal in bash."""

from __future__ import annotations


def sql_text(value: str) -> str:
    """`value` as a string literal that is right in every sql_mode.

    With NO_BACKSLASH_ESCAPES or without, a hexadecimal literal means the same.
    """
    plain = "\\" not in value and all(char >= " " for char in value)
    if plain:
        return "'" + value.replace("'", "''") + "'"
    return f"CONVERT(X'{value.encode('utf-8').hex()}' USING utf8mb4)"


def identifier(value: str) -> str:
    """`value` as a quoted identifier."""
    return "`" + value.replace("`", "``") + "`"
