"""The whole matrix of desks: one year and language built under each, every byte compared; prints a table.

Usage: python benchmarks/same_bytes.py RETURNS [--kills 100]
RETURNS is a folder such as data_raw/demo/2018. Each desk differs from the first in one thing; then one more
build is killed at random points, as often as --kills says, and finished. About ten seconds per build.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "pipeline"))
from one_year import build, differing, lay_out, made, start

DESKS = {
    "the same again": {},
    "time zone": {"TZ": "Pacific/Kiritimati"},
    "LANG=C": {"LANG": "C", "LC_ALL": "C"},
    "LANG=sv_SE": {"LANG": "sv_SE.UTF-8", "LC_ALL": "sv_SE.UTF-8"},
    "LANG=de_DE": {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 2": {"PYTHONHASHSEED": "2"},
    "another user": {"USER": "somebody", "LOGNAME": "somebody"},
    "an empty home": {"HOME": ""},
    "working folder": {"cwd": "/"},
    "one worker": {"workers": 1},
    "four workers": {"workers": 4},
    "plain kernels": {"PLATFORM_UTILS_KERNELS": "plain"},
    "files in the other order": {"reverse": True},
    "a narrow screen": {"COLUMNS": "40", "LINES": "10"},
    "threads of linear algebra": {"OPENBLAS_NUM_THREADS": "4", "OMP_NUM_THREADS": "4"},
}


def rows(returns, kills):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        began = time.perf_counter()
        first = build(lay_out(root / "first", returns))
        seconds = time.perf_counter() - began
        yield f"first build: {len(first)} files", seconds, []
        for number, (desk, given) in enumerate(DESKS.items()):
            options = dict(given)
            place = lay_out(root / f"desk {number}", returns, reverse=options.pop("reverse", False))
            if options.get("HOME") == "":
                options["HOME"] = str(root / "home")
                Path(options["HOME"]).mkdir()
            began = time.perf_counter()
            wrong = differing(first, build(place, **options))
            yield desk, time.perf_counter() - began, wrong
        if kills:
            yield killed(lay_out(root / "killed", returns), first, kills, seconds)


def killed(place, first, kills, seconds):
    """Kill a build at random points, taking some of what is there away each time; then finish it."""
    chance = random.Random(1)
    wrong, began = set(), time.perf_counter()
    for _ in range(kills):
        with start(place) as process:
            time.sleep(chance.uniform(0.2, seconds))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        wrong |= {name for name, value in made(place).items() if first.get(name) != value}
        for path in sorted((place / "data_clean").rglob("*")):
            if path.is_file() and chance.random() < 0.2:
                path.unlink()
    wrong |= set(differing(first, build(place)))
    return f"killed {kills} times, then finished", time.perf_counter() - began, sorted(wrong)


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("returns", type=Path)
    asked.add_argument("--kills", type=int, default=100)
    given = asked.parse_args()
    print("| desk | seconds | files that differ |\n|---|---|---|")
    failed = 0
    for desk, seconds, wrong in rows(given.returns.resolve(), given.kills):
        failed += bool(wrong)
        print(f"| {desk} | {seconds:.1f} | {', '.join(wrong[:3]) or 'none'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
