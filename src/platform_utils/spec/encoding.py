"""Which encoding a text file was saved in, for returns and for the pilot's cohort alike.

Enters: a path. Leaves: the name of its codec. A file of mixed encodings is refused, since its letters would
have to be guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from platform_utils.errors import FileError

_PIECE = 1 << 22

_UTF8_LETTERS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
_WESTERN = re.compile(rb"[\xe5\xe4\xf6\xc5\xc4\xd6\xe9](?![\x80-\xbf])")
_MAC = re.compile(rb"[\x8a\x8c\x9a]")
_MAC_ANY = re.compile(rb"[\x80\x81\x83\x85\x8a\x8c\x8e\x9a]")


def find_encoding(path: Path, file: str) -> str:
    """Return the codec that a text file was saved in.

    Returns
    -------
    str
        ``"utf-8"``, ``"utf-8-sig"``, ``"utf-16"``, ``"utf-16-le"``, ``"utf-16-be"``, ``"cp1252"`` or
        ``"mac_roman"``.

    Raises
    ------
    FileError
        E-117 if parts of the file are in different encodings, E-105 if it holds NUL bytes.
    """
    with path.open("rb") as start:
        codec = _by_mark(start.read(4096)) or "utf-8"
    if codec.startswith("utf-16"):
        return codec
    rest = b""
    for piece in pieces(path):
        if b"\x00" in piece:
            raise FileError("E-105", file=file, found="binary")
        lines, _, rest = (rest + piece).rpartition(b"\n")
        if not _is_utf8(lines):
            return _eight_bit(path, codec, file)
    return codec if _is_utf8(rest) else _eight_bit(path, codec, file)


def _is_utf8(piece: bytes) -> bool:
    try:
        pa.array([piece], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, some megabytes at a time."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _by_mark(block: bytes) -> str:
    if block.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if block[1::2].count(0) > 0.4 * len(block) / 2 and not block[0::2].count(0):
        return "utf-16-le"
    if block[0::2].count(0) > 0.4 * len(block) / 2 and not block[1::2].count(0):
        return "utf-16-be"
    return ""


def _eight_bit(path: Path, codec: str, file: str) -> str:
    patterns = {"utf-8": _UTF8_LETTERS, "western": _WESTERN, "mac": _MAC, "mac_any": _MAC_ANY}
    counts = dict.fromkeys(patterns, 0)
    for piece in pieces(path):
        if b"\x00" in piece:
            raise FileError("E-105", file=file, found="binary")
        for name, pattern in patterns.items():
            counts[name] += len(pattern.findall(piece))
    single = counts["western"] or counts["mac"] or counts["mac_any"]
    both = counts["western"] > 0 and counts["mac"] > 0
    if codec == "utf-8-sig" or both or (counts["utf-8"] > 0 and single):
        raise FileError("E-117", file=file)
    return "mac_roman" if counts["mac_any"] > counts["western"] else "cp1252"
