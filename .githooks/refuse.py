"""Refuse a commit, or its message, that holds what must never be in git; standard library only."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from platform_utils.guard.commit import message_reasons, reasons


def git(*words):
    """Return what git prints."""
    return subprocess.run(["git", *words], capture_output=True, check=True).stdout


def staged():
    """Yield mode, hash and name of every file that the commit would add or change."""
    listed = git("diff", "--cached", "--raw", "--no-renames", "--no-abbrev", "--diff-filter=d", "-z")
    parts = listed.decode("utf-8", "surrogateescape").split("\0")
    for about, name in zip(parts[::2], parts[1::2], strict=False):
        _, mode, _, digest, _ = about.split(" ")
        yield mode, digest, name


def main(message=None):
    """Look at every staged file, or at a commit's message."""
    if message is not None:
        found = [("the message", why) for why in message_reasons(Path(message).read_text("utf-8", "replace"))]
    else:
        found = [
            (name, why)
            for mode, digest, name in staged()
            for why in reasons(name, git("cat-file", "blob", digest) if mode.startswith("100") else b"", mode)
        ]
    for name, why in found:
        print(f"refused: {name} {why}", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
