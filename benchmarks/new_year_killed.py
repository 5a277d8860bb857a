"""A new year on the demo: how long it takes, and what it comes to when it is killed at ten points and resumed.

Run: python benchmarks/new_year_killed.py RETURNS [--year 2024] [--kills 10]
RETURNS is a folder of invented years, such as data_raw/demo. Once the command runs through; once it is killed
(SIGKILL) after each tenth or so of that time and started again until it ends. Nothing half-written may stand under
a final name after a kill, and what stands at the end must be the same, byte for byte.

Prints seconds on the clock and of the processor; exit status 1 if a file differs, or if the whole run took more
than two minutes of two processors.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "pipeline"))
from one_year import YEAR, differing, environment, lay_out, made

MOST = 2 * 120.0
"""Seconds of processors."""


def start(place, year):
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "platform_utils", "new-year", str(year), "--workers", "2"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment(place), cwd=place, **quiet)


def finish(place, year):
    """Run the command to its end; return what stands then, and the seconds of the processor that it took."""
    known = {}
    with start(place, year) as process:
        while process.poll() is None:
            spent(known)
            time.sleep(0.2)
        said = process.stderr.read()
    if process.returncode:
        raise RuntimeError(said.decode()[-2000:])
    return stands(place), spent(known)


def stands(place):
    """Return the hash of every file that the command has made, by its place."""
    raw = (place / "data_raw" / "demo").rglob("*")
    more = {
        p.relative_to(place).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in raw
        if p.is_file()
    }
    return made(place) | {name: value for name, value in more.items() if ".partial-" not in name}


def spent(known):
    """Note the seconds of the processor of every process below this one, and return the sum of all ever noted."""
    tick, parents, seconds = os.sysconf("SC_CLK_TCK"), {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            said = path.read_text().rpartition(") ")[2].split()
            parents[path.parent.name], seconds[path.parent.name] = (
                said[1],
                (int(said[11]) + int(said[12])) / tick,
            )
    for process in parents:
        above = process
        while above in parents and parents[above] != str(os.getpid()):
            above = parents[above]
        if above in parents:
            known[process] = seconds[process]
    return sum(known.values())


def place_of(folder, returns):
    """Make a workspace with invented returns, and nothing made from them."""
    place = lay_out(folder, returns / str(YEAR))
    for one in sorted(returns.iterdir()):
        if one.is_dir() and one.name != str(YEAR):
            shutil.copytree(one, place / "data_raw" / "demo" / one.name)
    for path in place.rglob("new_year.md"):
        path.unlink()
    return place


def killed(place, year, kills, seconds):
    """Kill the command so many times, each after a like share of its time; return how often, and what was torn."""
    cut, torn = 0, []
    for _ in range(kills):
        with start(place, year) as process:
            time.sleep(seconds / (kills + 1))
            cut += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.communicate()
        torn.append(stands(place))
    return cut, torn


def main():
    """Print both runs, and return 1 if a promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("returns", type=Path)
    parser.add_argument("--year", type=int, default=2024)
    parser.add_argument("--kills", type=int, default=10)
    asked = parser.parse_args()
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # Linux: whoever loses its parent becomes ours
    with tempfile.TemporaryDirectory() as name:
        place, began = place_of(Path(name) / "whole", asked.returns.resolve()), time.perf_counter()
        whole, worked = finish(place, asked.year)
        seconds = time.perf_counter() - began
        load = ", ".join(f"{one:.0f}" for one in os.getloadavg())
        print(
            f"whole: {seconds:.0f} s, {worked:.0f} s of processors (load {load}), {len(whole)} files",
            flush=True,
        )
        place, began = place_of(Path(name) / "killed", asked.returns.resolve()), time.perf_counter()
        cut, after = killed(place, asked.year, asked.kills, seconds)
        torn = {
            file
            for one in after
            for file, value in one.items()
            if whole.get(file) != value and not file.endswith((".log", ".md"))
        }
        wrong = differing(whole, finish(place, asked.year)[0])
        print(f"killed {cut} times, then finished: {time.perf_counter() - began:.0f} s")
    print(f"torn after a kill: {', '.join(sorted(torn)[:5]) or 'none'}")
    print(f"differ at the end: {', '.join(wrong[:5]) or 'none'}")
    return int(bool(torn or wrong) or worked > MOST)


if __name__ == "__main__":
    sys.exit(main())
