"""Files made to exhaust a reader: each in a process of its own with a gigabyte of address space beyond Python's.

    python benchmarks/hostile_files.py [name ...]

Prints seconds, memory and the code that ended each; ends with 1 if one took five seconds, a gigabyte, or ended
otherwise than it should.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "unit" / "returns"))
SECONDS, GIGABYTE = 5.0, 1 << 30


def read_one(path: str) -> None:
    """Read one file and print what ended it."""
    from platform_utils.errors import PlatformError
    from platform_utils.returns import read_return

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    try:
        raw = read_return(Path(path), year=2023, member_id="M07")
        code = f"read, {sum(map(len, raw.tables.values()))} rows"
    except PlatformError as error:
        code = error.code
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = (used.ru_maxrss if sys.platform == "darwin" else used.ru_maxrss * 1024, before * 1024)
    print(json.dumps([code, round(time.process_time() - start, 2), peak[0]]))


def main(names: list[str]) -> int:
    """Make each file, read it, and print the line."""
    from hostile import HOSTILE

    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in names or HOSTILE:
            suffix, make, expected = HOSTILE[name]
            path = Path(folder) / f"{name}.{suffix}"
            make(path)
            done = subprocess.run(
                [sys.executable, __file__, "--one", str(path)],
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            code, seconds, peak = (
                json.loads(done.stdout) if done.returncode == 0 else [f"exit {done.returncode}", 0, 0]
            )
            good = code == expected and seconds < SECONDS and peak < GIGABYTE
            failed += not good
            size = path.stat().st_size
            print(
                f"{name:<40} {size:>12,} B {code:>8} {seconds:>6.2f} s {peak / 1e6:>6.0f} MB {'' if good else expected}"
            )
            path.unlink()
    print(f"{len(names or HOSTILE)} files, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        read_one(sys.argv[2])
    else:
        raise SystemExit(main(sys.argv[1:]))
