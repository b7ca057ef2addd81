"""Lists of names between Python and bash: one a line, escaped, so that no name can split."""

from __future__ import annotations

from collections.abc import Iterable

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t"})


def encode(names: Iterable[str]) -> str:
    """What `decode_list` of lib/writers.sh reads; `answer` and the client write the same."""
    return "\n".join(name.translate(_ESCAPES) for name in names)


def encode_rows(rows: Iterable[Iterable[str]]) -> str:
    """Lines that `decode_row` of lib/writers.sh reads: columns with tabs between."""
    return "\n".join("\t".join(name.translate(_ESCAPES) for name in row) for row in rows)
