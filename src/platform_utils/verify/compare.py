"""How two versions of one file differ: by value in a table, by cell in a notebook, by sentence in a text.

Enters: the bytes of a file then and now. Leaves: places that moved, none if only the bytes differ; and, for
each kind of file, in which terms it was compared.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from platform_utils.verify.notebooks import moved_cells
from platform_utils.verify.texts import moved_document, moved_page, moved_pdf
from platform_utils.verify.values import moved_leaves, moved_values

_KINDS = {
    "parquet": "table", "csv": "table", "ipynb": "notebook", "html": "page", "docx": "document",
    "pdf": "pdf", "json": "record", "whl": "wheel",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One place that moved.

    Attributes
    ----------
    file : str
        Name in the release.
    place : str
        Which cell, table, figure or sentence, and how it reads then and now.
    """

    file: str
    place: str


def compare_files(name: str, then: bytes, now: bytes) -> list[Difference]:
    """Return what moved between two versions of a file, read by the ending of its name in the release.

    Nothing if what a reader meets is the same, in the terms of `compared_as`.
    """
    compare: dict[str, Callable[[bytes, bytes], Iterator[str]]] = {
        "table": lambda one, other: moved_values(name, one, other),
        "notebook": moved_cells,
        "page": moved_page,
        "document": moved_document,
        "pdf": moved_pdf,
        "record": moved_leaves,
        "wheel": _wheel,
        "text": _plain,
    }
    return [Difference(name, place) for place in compare[compared_as(name)](then, now)]


def compared_as(name: str) -> str:
    """Return the kind that a file is compared as where its bytes differ.

    Returns
    -------
    {"table", "notebook", "page", "document", "pdf", "record", "wheel", "text"}
        What is compared of each, and what is not, stands in the messages ``L-verify-as-<kind>``.
    """
    return _KINDS.get(name.rpartition(".")[2], "text")


def _plain(then: bytes, now: bytes) -> Iterator[str]:
    if then != now:
        before, after = (text.decode("utf-8", "replace").splitlines() for text in (then, now))
        number = next((i for i, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b), 0)
        yield f"line {number or min(len(before), len(after)) + 1}"


def _wheel(then: bytes, now: bytes) -> Iterator[str]:
    before, after = (_members(content) for content in (then, now))
    yield from (key for key in sorted({*before, *after}) if before.get(key) != after.get(key))


def _members(content: bytes) -> dict[str, int]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            item.filename: item.CRC for item in archive.infolist() if not item.filename.endswith("RECORD")
        }
