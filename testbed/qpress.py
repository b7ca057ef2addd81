#!/usr/bin/python3 -IS
"""A stand-in for the program qpress: unpacks what `mariadb-backup --compress` has packed.

Debian has no package of it. A test installs this file on a host, under that name; so it needs
nothing but Python itself. It is called as mariadb-backup calls it: `qpress -dio <FILE.qp >FILE`.

A .qp file is `qpress10`, the chunk size (8 bytes), `F`, the length of the name (4), the name and a
zero; then for each chunk `NEWBNEWB`, a number for recovery (8), the Adler-32 of what follows (4)
and one QuickLZ packet; at last `ENDSENDS` and a number (8). Numbers are little endian, but for
the length of the name nothing of the header is needed.

A QuickLZ packet of level 1 is a header (flags; packed and unpacked size, of 1 or 4 bytes each) and
the bytes as they are, or control words of 32 bits: each bit, from the lowest on, says whether a
literal byte comes (0) or a match (1). The highest bit set is no such bit but ends the word. A match
names the entry of a hash table that writer and reader fill alike, from what is unpacked already.
"""

from __future__ import annotations

import sys
import zlib

TYPE_CHECKING = False  # it starts for each file of a backup: without typing in half the time
if TYPE_CHECKING:
    from typing import BinaryIO

_ENTRIES = 4096
_COMPRESSED, _LONG = 1, 2  # flags of a packet
_LEVEL_1, _LEVEL = 0b0100, 0b1100


class Damaged(Exception):
    """The input is not what it should be."""


def unpack(source: BinaryIO, target: BinaryIO) -> None:
    """Unpack one file.

    Raises:
        Damaged: when the input is cut, changed or something else.
    """
    _expect(source, b"qpress10")
    _take(source, 8)
    _expect(source, b"F")
    _take(source, _number(_take(source, 4)) + 1)
    while (mark := _take(source, 8)) == b"NEWBNEWB":
        _take(source, 8)
        checksum = _number(_take(source, 4))
        packet = _packet(source)
        if zlib.adler32(packet) != checksum:
            raise Damaged("a checksum is wrong")
        target.write(unpack_packet(packet))
    if mark != b"ENDSENDS":
        raise Damaged(f"no chunk begins with {mark!r}")
    _take(source, 8)


def unpack_packet(packet: bytes) -> bytes:
    """The content of one QuickLZ packet."""
    width = 4 if packet[0] & _LONG else 1
    content, size = packet[1 + 2 * width :], _number(packet[1 + width : 1 + 2 * width])
    if packet[0] & _COMPRESSED:
        if packet[0] & _LEVEL != _LEVEL_1:
            raise Damaged("QuickLZ of another level than 1")
        try:
            content = bytes(_decode(content, size))
        except IndexError as error:
            raise Damaged("a packet ends early") from error
    if len(content) != size:
        raise Damaged(f"{len(content)} bytes instead of {size}")
    return content


def _decode(packed: bytes, size: int) -> bytearray:
    done, at, word = bytearray(), 0, 1
    table, hashed = [0] * _ENTRIES, 0  # every position before `hashed` is in the table or skipped
    while len(done) < size:
        if word == 1:
            word, at = _number(packed[at : at + 4]), at + 4
            if not word:
                raise Damaged("a control word is empty")
        start = len(done)
        if word & 1:
            first, second = packed[at], packed[at + 1]
            length, at = (first & 15) + 2, at + 2
            if length == 2:
                length, at = packed[at], at + 1
            _copy(done, table[first >> 4 | second << 4], length)
            hashed = _enter(table, done, hashed, start + 1)
            hashed = max(hashed, len(done))
            word >>= 1
        else:
            # All literals up to the next match or the end of the word at once.
            count = min((word & -word).bit_length() - 1, size - start)
            done += packed[at : at + count]
            at, word = at + count, word >> count
            if len(done) != start + count:
                raise Damaged("a packet ends early")
            hashed = _enter(table, done, hashed, len(done) - 2)
    return done


def _copy(done: bytearray, offset: int, length: int) -> None:
    """Append `length` bytes from `offset` on, which may reach into what is being appended."""
    distance = len(done) - offset
    if distance < 1 or length < 3:
        raise Damaged("a match without an origin")
    piece = done[offset : offset + length]
    done += (piece * (length // distance + 1))[:length]


def _enter(table: list[int], done: bytearray, first: int, end: int) -> int:
    """Enter the positions first ... end-1 into the table; the next one to enter."""
    for position in range(first, end):
        three = done[position] | done[position + 1] << 8 | done[position + 2] << 16
        table[(three >> 12 ^ three) & _ENTRIES - 1] = position
    return max(first, end)


def _packet(source: BinaryIO) -> bytes:
    flags = _take(source, 1)
    width = 4 if flags[0] & _LONG else 1
    sizes = _take(source, 2 * width)
    rest = _number(sizes[:width]) - 1 - 2 * width
    if rest < 0:
        raise Damaged("a packet shorter than its header")
    return flags + sizes + _take(source, rest)


def _take(source: BinaryIO, count: int) -> bytes:
    """Exactly so many bytes."""
    data = source.read(count)
    if len(data) != count:
        raise Damaged("the input ends early")
    return data


def _expect(source: BinaryIO, wanted: bytes) -> None:
    if (found := _take(source, len(wanted))) != wanted:
        raise Damaged(f"{found!r} instead of {wanted!r}")


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def main() -> int:
    """Nothing but `-dio` is known: decompress standard input to standard output."""
    if sys.argv[1:] != ["-dio"]:
        print("usage: qpress -dio <FILE.qp >FILE", file=sys.stderr)
        return 2
    try:
        unpack(sys.stdin.buffer, sys.stdout.buffer)
    except Damaged as error:
        print(f"qpress: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
