"""The pandoc that comes in the wheel ``pypandoc_binary``, called as a program."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from platform_utils.errors import ContractError

__all__ = ["from_tree", "run", "to_tree"]


def run(data: bytes, arguments: Sequence[str], *, document: str, cwd: Path | None = None) -> bytes:
    """Run pandoc on ``data`` and return what it prints.

    Raises
    ------
    ContractError
        E-611 if pandoc refuses.
    """
    command = [_program(), "+RTS", "-M2G", "-RTS", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, cwd=cwd, check=False)
    if done.returncode:
        raise ContractError("E-611", document=document, status=done.returncode)
    return done.stdout


def to_tree(text: str, form: str, *, document: str) -> dict[str, Any]:
    """Read text in one of pandoc's formats as a document tree."""
    tree: dict[str, Any] = json.loads(run(text.encode(), ["-f", form, "-t", "json"], document=document))
    return tree


def from_tree(
    tree: dict[str, Any], form: str, arguments: Sequence[str] = (), *, document: str, cwd: Path | None = None
) -> bytes:
    """Write a document tree in one of pandoc's formats."""
    data = json.dumps(tree, ensure_ascii=False).encode()
    return run(data, ["-f", "json", "-t", form, *arguments], document=document, cwd=cwd)


@cache
def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())
