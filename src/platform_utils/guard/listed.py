"""What is harmless, and what may be committed where: ``resources/guard.toml``, read once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

RESOURCES = Path(__file__).parents[1] / "resources"


def _read() -> dict[str, Any]:
    text = (RESOURCES / "guard.toml").read_text(encoding="utf-8")
    return tomllib.loads(text.replace("\\\n", ""))  # a pattern goes on after a backslash at a line's end


LISTED = _read()
