"""The whole matrix of desks and of mishaps: one year and language under each, every byte compared; prints a table.

Usage: python benchmarks/same_bytes.py RETURNS [--kills 100] [--full 20]
RETURNS is a folder such as data_raw/demo/2018. Each desk differs from the first in one thing. Then one build is
killed at random points, one meets a full disk, two run at once, a kernel dies, hangs or fills its memory; after
each, nothing half-written stands under a final name, and one more run gives the bytes of the first.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "pipeline"))
from mishaps import KERNELS, files_written, full_disk, kernel_mishap, other_clock
from one_year import build, differing, lay_out, made, start

OTHER_USER = ("unshare", "--user", "--map-user=1234")
"""Another user id for every process of a build, where the system has user namespaces."""
DESKS = {
    "the same again": {},
    "time zone": {"TZ": "Pacific/Kiritimati"},
    "LANG=C": {"LANG": "C", "LC_ALL": "C"},
    "LANG=sv_SE": {"LANG": "sv_SE.UTF-8", "LC_ALL": "sv_SE.UTF-8"},
    "LANG=de_DE": {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
    "hash seed 1": {"PYTHONHASHSEED": "1"},
    "hash seed 2": {"PYTHONHASHSEED": "2"},
    "another user": {"USER": "somebody", "LOGNAME": "somebody", "within": OTHER_USER},
    "an empty home": {"HOME": "home"},
    "working folder": {"cwd": "/"},
    "another clock": {"days": -400},
    "one worker": {"workers": 1},
    "four workers": {"workers": 4},
    "plain kernels": {"PLATFORM_UTILS_KERNELS": "plain"},
    "files in the other order": {"reverse": True},
    "a narrow screen": {"COLUMNS": "40", "LINES": "10"},
    "threads of linear algebra": {"OPENBLAS_NUM_THREADS": "4", "OMP_NUM_THREADS": "4"},
}


def rows(returns, kills, full):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        began = time.perf_counter()
        first = build(lay_out(root / "first", returns))
        seconds = time.perf_counter() - began
        yield f"first build: {len(first)} files", seconds, []
        for number, (desk, given) in enumerate(DESKS.items()):
            yield at_desk(
                root,
                lay_out(root / f"desk {number}", returns, reverse="reverse" in given),
                desk,
                given,
                first,
            )
        yield two_at_once(lay_out(root / "two", returns), first)
        for what in KERNELS:
            yield unhappy_kernel(lay_out(root / what, returns), first, what, seconds)
        if full:
            yield disk_full(root / "disk", lay_out(root / "full", returns), first, full)
        if kills:
            yield killed(lay_out(root / "killed", returns), first, kills, seconds)


def at_desk(root, place, desk, given, first):
    """Build once at another desk."""
    options = {key: value for key, value in given.items() if key not in ("reverse", "days", "within")}
    if "HOME" in options:
        options["HOME"] = str(root / "home")
        Path(options["HOME"]).mkdir()
    if "days" in given:
        clock = other_clock(root / "clock", given["days"])
        if clock is None:
            return f"{desk}: left out, no C compiler here", 0.0, []
        options |= clock
    if "within" in given:
        if can_run(given["within"]):
            options["within"] = given["within"]
        else:
            desk += ", by name only"
    began = time.perf_counter()
    wrong = differing(first, build(place, **options))
    return desk, time.perf_counter() - began, wrong


def can_run(command):
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


def two_at_once(place, first):
    """Start two builds of one workspace together: one is refused or waits, and what stands is whole."""
    began = time.perf_counter()
    with start(place) as one, start(place) as other:
        statuses = sorted(process.wait() for process in (one, other))
    wrong = torn(place, first) | set(differing(first, build(place)))
    return f"two builds at once, exit {statuses}", time.perf_counter() - began, sorted(wrong)


def unhappy_kernel(place, first, what, seconds):
    """Let the kernel come to grief, and look; then build with the notebook as it is."""
    began = time.perf_counter()
    with kernel_mishap(place, what), start(place) as process:
        if "hangs" in what:
            time.sleep(1.5 * seconds)
            process.send_signal(signal.SIGINT)
        try:
            status = process.wait(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
    wrong = torn(place, first, but="20_annual_statistics")
    wrong |= set(differing(first, build(place))) | (set() if status > 0 else {"it did not end by itself"})
    return f"{what}, exit {status}", time.perf_counter() - began, sorted(wrong)


def disk_full(folder, place, first, full):
    """Fill the disk after so many files, spread over a whole build; then build with room."""
    began, given = time.perf_counter(), os.environ.get("PYTHONPATH", "")
    written, wrong, failed = None, set(), 0
    for number in range(full + 1):
        desk = folder / str(number)
        point = 10**9 if written is None else 1 + (number - 1) * written // full
        with start(place, **full_disk(desk, point, given)) as process:
            process.communicate()
        failed += process.returncode != 0
        written = written or files_written(desk)
        wrong |= torn(place, first) | {p.name for p in place.rglob(".partial-*")}
        clear(place, lambda: True)
    wrong |= set(differing(first, build(place)))
    wrong |= set() if failed == full else {f"{failed} of {full} builds noticed"}
    return f"disk full at {full} of {written} files", time.perf_counter() - began, sorted(wrong)


def killed(place, first, kills, seconds):
    """Kill a build at random points, taking some of what is there away each time; then finish it."""
    chance = random.Random(1)
    wrong, began, cut = set(), time.perf_counter(), 0
    for _ in range(kills):
        with start(place) as process:
            time.sleep(chance.uniform(0.2, 0.5 * seconds))
            cut += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.communicate()
        wrong |= torn(place, first)
        clear(place, lambda: chance.random() < 0.3)
    wrong |= set(differing(first, build(place)))
    return f"killed {cut} times in {kills} builds, then finished", time.perf_counter() - began, sorted(wrong)


def torn(place, first, but=None):
    """Return what stands under a final name and is not what a clean build makes."""
    return {
        name
        for name, value in made(place).items()
        if first.get(name) != value and not name.endswith(".log") and not (but and but in name)
    }


def clear(place, chosen):
    for path in sorted((place / "data_clean").rglob("*")):
        if path.is_file() and chosen():
            path.unlink()


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("returns", type=Path)
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--full", type=int, default=20)
    given = asked.parse_args()
    print("| desk or mishap | seconds | files that differ |\n|---|---|---|")
    failed = 0
    for desk, seconds, wrong in rows(given.returns.resolve(), given.kills, given.full):
        failed += bool(wrong)
        print(f"| {desk} | {seconds:.1f} | {', '.join(wrong[:3]) or 'none'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
