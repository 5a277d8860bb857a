"""Say in which encoding a text file was saved.

Enters: the file's bytes. Leaves: the name of a codec. Rule: a file of mixed encodings is refused, since
its letters would have to be guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from platform_utils.errors import FileError

__all__ = ["find_encoding"]

_UTF8_LETTERS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
_WESTERN = re.compile(rb"[\xe5\xe4\xf6\xc5\xc4\xd6\xe9](?![\x80-\xbf])")
_MAC = re.compile(rb"[\x8a\x8c\x9a]")
_MAC_ANY = re.compile(rb"[\x80\x81\x83\x85\x8a\x8c\x8e\x9a]")


def find_encoding(blocks: Iterable[bytes], file: str) -> str:
    """Return the codec that a text file was saved in.

    Parameters
    ----------
    blocks : iterable of bytes
        The whole file, in pieces.
    file : str
        Its name, for messages.

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
    decoder = codecs.getincrementaldecoder("utf-8")()
    counts = dict.fromkeys(("utf-8", "western", "mac", "mac_any"), 0)
    is_utf8, codec = True, ""
    for block in blocks:
        if not codec:
            codec = _by_mark(block) or "utf-8"
            if codec.startswith("utf-16"):
                return codec
        if b"\x00" in block:
            raise FileError("E-105", file=file, found="binary")
        if is_utf8 and not block.isascii():
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        elif is_utf8 and decoder.getstate()[0]:
            is_utf8 = False
        if not block.isascii():
            counts["utf-8"] += len(_UTF8_LETTERS.findall(block))
            counts["western"] += len(_WESTERN.findall(block))
            counts["mac"] += len(_MAC.findall(block))
            counts["mac_any"] += len(_MAC_ANY.findall(block))
    if is_utf8:
        return codec or "utf-8"
    return _eight_bit(counts, codec, file)


def _by_mark(block: bytes) -> str:
    if block.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = block[:4096]
    if head[1::2].count(0) > 0.4 * len(head) / 2 and not head[0::2].count(0):
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * len(head) / 2 and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def _eight_bit(counts: dict[str, int], codec: str, file: str) -> str:
    single = counts["western"] or counts["mac"] or counts["mac_any"]
    both = counts["western"] > 0 and counts["mac"] > 0
    if codec == "utf-8-sig" or both or (counts["utf-8"] > 0 and single):
        raise FileError("E-117", file=file)
    return "mac_roman" if counts["mac_any"] > counts["western"] else "cp1252"
