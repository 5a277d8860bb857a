"""What kinds of lines a release ledger has, and which of them somebody outside has seen.

Enters: the path of a ledger. Leaves: one hash of what was seen, which is all that a year's count depends on:
a reader's key that comes or goes changes no figure.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

SEEN = ("table", "estimate", "published")
SEALED = "sealed"
READER = "reader"
CLOSED = "reader closed"


def hash_of_seen(path: Path) -> str | None:
    """Return one hash of what stands in a ledger for others to see; None if there is nothing yet.

    A ledger that cannot be read is hashed as it is: whoever opens it says what is wrong.
    """
    content = path.read_bytes()
    try:
        lines = [json.loads(line) for line in content.decode("utf-8").splitlines()]
        seen = [{**line, "before": "", "hash": ""} for line in lines if line["kind"] in SEEN]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(content).hexdigest()
    if not seen:
        return None
    text = json.dumps(seen, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
