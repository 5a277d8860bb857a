"""Random sequences of requests at the real desk, over released and unreleased demo years, read by the judge.

Run: python benchmarks/request_sequences.py [--sequences 200] [--part 1/10] [--judge DIR/bin/python] [--desk DIR]
Each sequence is one to five requests of one or two tables, answered, signed and handed over one after the other
beside all that is out; then every hidden count of every table that is out by then is judged as in
``attack_battery.py``. A desk is made once and asked anew by each part. Exit status 1 if a count that the rule hides is narrowed or printed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from attack_battery import Told, judged, part_of
from attack_world import Printed, is_about_persons, questions
from invented_years import ASKED, UNIVERSES

from platform_utils import clean, count, pipeline, release
from platform_utils.demo import make_returns
from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace
from platform_utils.protect import Ledger
from platform_utils.release.sign_off import require_two, sealed
from platform_utils.requests import answer_request, hand_over, read_request

RELEASED, UNRELEASED = (2022,), (2021, 2023)
DAY = date(2026, 5, 1)
REQUEST = """
id = "{name}"
asked_by = "doctoral student"
lang = "en"
purpose = "A thesis."
legal_ground = "Statistics for research."
expires = 2026-12-31
years = [{years}]
"""
TABLE = """
[[table]]
name = "t{at}"
universe = "{universe}"
dimensions = [{dimensions}]
why = "Part of it."
"""


def desk(root):
    """Return a workspace with demo years, some of which are out."""
    place, years = Workspace(root), sorted({*RELEASED, *UNRELEASED})
    if place.ledger("demo").exists():
        return place
    root.mkdir(exist_ok=True)
    (root / "_quarto.yml").touch()
    make_returns(place, years, 1)
    for year in years:
        pipeline.clean(year, "demo", workspace=place)
    ledger = release.with_demo_readers(release.open_ledger(place, "demo"), "demo", day=DAY)
    ledger.write()
    for year in RELEASED:
        tables = pipeline.count_and_protect(year, "demo", workspace=place).tables
        files = {"year": str(year).encode()}
        candidate = release.Candidate.of(ledger, "demo", files, tables)
        release.sign_as_demo_readers(place, ledger, candidate, day=DAY)
        signed = require_two(release.read_sign_offs(place, "demo", candidate.digest), candidate, ledger)
        about = {"id": f"{year}-1", "digest": candidate.digest, "signed_by": [one.name for one in signed]}
        ledger = ledger.with_release(tables, release=f"{year}-1", day=DAY, edition=1)
        ledger = sealed(ledger, f"{year}-1", about, signed, day=DAY)
        ledger.write()
        pipeline.keep_rows(year, "demo", 1, workspace=place)
    return place


def ask(place, seed, told):
    """Ask one to five requests, one after the other, and hand over what is answered."""
    rng = np.random.default_rng([23, seed])
    for at in range(int(rng.integers(1, 6))):
        path = place.root / "request.toml"
        path.write_text(_request(rng, f"s{seed}-{at}"), encoding="utf-8")
        try:
            answer = answer_request(read_request(path), "demo", workspace=place)
            ledger = release.open_ledger(place, "demo")
            release.sign_as_demo_readers(place, ledger, answer.candidate(ledger), day=DAY)
            hand_over(answer, day=DAY, workspace=place)
            told.sums["answered"] += 1
        except PlatformError as error:
            told.sums[f"refused {error.code}"] += 1


def _request(rng, name):
    years = rng.choice([*RELEASED, *UNRELEASED], int(rng.integers(1, 3)), replace=False)
    said = REQUEST.format(name=name, years=", ".join(map(str, sorted(years))))
    for at in range(int(rng.integers(1, 3))):
        names = sorted(rng.choice(ASKED, int(rng.integers(1, 3)), replace=False).tolist())
        if len([one for one in names if one in questions(2023)[1]]) == 2:
            names = names[:1]
        said += TABLE.format(
            at=at, universe=rng.choice(UNIVERSES), dimensions=", ".join(f'"{one}"' for one in names)
        )
    return said


def one_sequence(place, seed, python):
    """Ask a sequence beside the desk's releases, and judge each year by all that is out of it."""
    told, started = Told(), time.perf_counter()
    kept = place.ledger("demo").read_bytes()
    handed = place.releases("demo") / "requests"
    ask(place, seed, told)
    told.sums["seconds of the desk"] = time.perf_counter() - started
    out = [
        Printed.of_content(entry.content)
        for entry in Ledger(place.ledger("demo")).entries
        if entry.kind == "table"
    ]
    for year in sorted({*RELEASED, *UNRELEASED}):
        mine = [table for table in out if table.universe.year == year and is_about_persons(table)]
        if any(table.name.startswith("request-") for table in mine):
            beside = [y for y in (year - 1, year, year + 1) if y in {*RELEASED, *UNRELEASED}]
            rows = {y: clean.read_year(place.restricted("demo", y)) for y in beside}
            judged(mine, count.persons_of(rows, year), f"sequence {seed}, {year}", told, python, year)
    place.ledger("demo").write_bytes(kept)
    shutil.rmtree(handed, ignore_errors=True)
    return told


def main():
    """Ask and judge the sequences; print sums, leaks and what stays open; return 1 if anything leaks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--part", default="1/1", help="such as 3/10")
    parser.add_argument("--judge", default="", help="a Python with OR-tools")
    parser.add_argument("--desk", type=Path, help="where the desk is kept from part to part")
    asked = parser.parse_args()
    sums, leaks, unsure = Counter(), [], []
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        place = desk(asked.desk or Path(folder))
        print(f"desk made in {time.perf_counter() - started:.0f} s", flush=True)
        for seed in part_of(asked.sequences, asked.part):
            told = one_sequence(place, seed, asked.judge)
            print(f"sequence {seed}: {dict(told.sums)}", flush=True)
            sums += told.sums
            leaks += told.leaks
            unsure += told.open
            for line in told.leaks:
                print(f"LEAK {line}", flush=True)
    for line in unsure:
        print(f"undecided {line}")
    for name in sorted(sums):
        print(f"  {name}: {sums[name]:.0f}")
    print(f"{len(leaks)} leaks, {len(unsure)} undecided")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
