"""The gate's record: beside every folder of safe files, ``gate.json`` lists the hash of each one.

Enters: a frame and what is said about it. Leaves: deterministic Parquet, and its hash in the record.
A file that is not in the record, or no longer has its hash, is not safe and is not read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from platform_utils.errors import DisclosureError, FileError
from platform_utils.paths import write_atomically

__all__ = ["RECORD", "read_content", "said_in", "write_frame"]

RECORD = "gate.json"
_KEY = b"platform_utils"


def write_frame(path: Path, data: pd.DataFrame, said: Mapping[str, object], rule: str) -> None:
    """Write ``data`` as Parquet with ``said`` as metadata, and enter the file in the record.

    Raises
    ------
    FileError
        E-012 if the folder cannot be written.
    DisclosureError
        E-412 if the record beside it cannot be read.
    """
    metadata = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    table = pa.Table.from_pandas(data, preserve_index=False).replace_schema_metadata(
        {_KEY: metadata.encode("utf-8")}
    )
    with write_atomically(path) as partial:
        pq.write_table(table, partial, compression="none")
        digest = _digest(partial)
    files = _files(path.parent) if (path.parent / RECORD).exists() else {}
    files[path.name] = {"sha256": digest, "kind": str(said["kind"]), "rule": rule}
    text = json.dumps({"format": 1, "files": files}, ensure_ascii=False, sort_keys=True, indent=1)
    with write_atomically(path.parent / RECORD) as partial:
        partial.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_content(path: Path, kind: str) -> dict[str, object]:
    """Return what a file in the record says about itself, data included.

    Raises
    ------
    DisclosureError
        E-411 if the file is not in the record with this hash; E-412 if the record cannot be used.
    FileError
        E-420 if the file cannot be read.
    """
    try:
        digest = _digest(path)
    except OSError as error:
        raise FileError("E-420", file=path.name) from error
    entry = _files(path.parent).get(path.name)
    if entry is None or entry.get("sha256") != digest or entry.get("kind") != kind:
        raise DisclosureError("E-411", file=path.name)
    try:
        metadata = pq.read_schema(path).metadata or {}
        content = json.loads(metadata[_KEY])["content"]
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise FileError("E-420", file=path.name) from error
    return dict(content)


def said_in(path: Path) -> dict[str, Any] | None:
    """Return what a Parquet file says about itself, without trusting it; None if it says nothing."""
    try:
        return dict(json.loads((pq.read_schema(path).metadata or {})[_KEY])["content"])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(folder: Path) -> dict[str, dict[str, str]]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["format"] != 1:
            raise DisclosureError("E-412", file=RECORD)
        return {str(name): dict(entry) for name, entry in record["files"].items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DisclosureError("E-412", file=RECORD) from error
