"""How long a question, a collected notebook and an answer take, in CPU seconds of this process and its own.

Run: python benchmarks/ask_times.py [question|crossed|twelve|collect ...]
It needs clean demo years in the workspace (`python tasks.py report`) and leaves nothing there.
"""

import json
import sys
import tempfile
import time
from datetime import date
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from platform_utils import ask
from platform_utils.ask.collect import collect
from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace
from platform_utils.requests import AskedTable, Request, protected_tables
from platform_utils.requests.answer import asked_of

TWELVE = (
    ("sex", ""), ("age_band", ""), ("form", ""), ("role", ""), ("police_report", ""), ("police_region", ""),
    ("police_report", "sex"), ("age_band", "sex"), ("form", "sex"), ("origin_group", ""), ("residence_status", ""), ("support_route", ""),
)  # fmt: skip
POPULATION = "direct_without_mass"
CROSSED = (("origin_country", "sex"), ("form", "police_region"), ("police_report", "age_band"))


def cpu():
    each = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each)


def timed(said, limit, work, *, wall=False):
    """Print what it took beside what it may take."""
    clock = time.perf_counter if wall else cpu
    before, began = clock(), time.perf_counter()
    try:
        said += f" [{work()}]"
    except PlatformError as error:
        said += f" [{error.code}]"
    took = clock() - before
    print(
        f"{'ok  ' if took <= limit else 'OVER'} {took:7.2f} of {limit:5.1f} s ({time.perf_counter() - began:.1f} s by the clock)  {said}",
        flush=True,
    )


def counted(names):
    from platform_utils.requests import countable

    known = countable()
    return [tuple(name for name in pair if name) for pair in names if all(n in known for n in pair if n)]


def request_of(pairs, years):
    tables = tuple(AskedTable(f"t{n}", POPULATION, pair, "to measure", years) for n, pair in enumerate(pairs))
    return Request("times", "student", "en", "to measure", "none", date(2099, 1, 1), years, tables)


def answer(pairs, years):
    workspace = Workspace.find()
    tables = protected_tables(asked_of(request_of(pairs, years)), "demo", workspace=workspace)
    return f"{len(tables)} tables, {sum(t.n_hidden for t in tables)} of {sum(len(t.cells) for t in tables)} hidden"


def question():
    for source, population in ((None, "direct"), ("demo", "direct_without_mass")):
        desk = ask.open(source, lang="en")
        desk.table("sex", population=population, years=[2023])
        for what, by in (
            ("police_report", "sex"),
            ("form", "sex"),
            ("origin_country", ""),
            ("form", "police_region"),
        ):
            asked = partial(desk.table, what, by=by, population=population, years=[2023], why="to measure")
            timed(f"{desk.source}: {what} {by}", 3, lambda asked=asked: asked().frame["mark"].eq("..").sum())
            timed(f"{desk.source}: the same again", 0.1, lambda asked=asked: len(asked().frame))


def crossed():
    timed("three tables, two years", 60, lambda: answer(counted(CROSSED), (2022, 2023)))


def twelve():
    pairs = counted(TWELVE)
    timed(f"{len(pairs)} tables, five years", 90, lambda: answer(pairs, (2019, 2020, 2021, 2022, 2023)))


def collecting():
    pairs = counted(TWELVE)
    cells = ["from platform_utils import ask\n", 'desk = ask.open(lang="en")']
    asks = [
        f'desk.table("{p[0]}", by="{p[1] if len(p) > 1 else ""}", population="direct", years=[2023], why="to measure it")'
        for p in pairs
    ]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "twelve.ipynb"
        made = [
            {
                "cell_type": "code",
                "id": f"c{n}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": s,
            }
            for n, s in enumerate([cells, *([a] for a in asks)])
        ]
        path.write_text(
            json.dumps(
                {
                    "cells": made,
                    "metadata": {
                        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
                    },
                    "nbformat": 4,
                    "nbformat_minor": 5,
                }
            )
        )
        path.with_name("about.toml").write_text(
            'id = "twelve"\nasked_by = "student"\nlang = "en"\npurpose = "to measure"\nlegal_ground = "none"\nexpires = 2099-01-01\n'
        )
        timed(f"collect, {len(pairs)} questions", 20, lambda: len(collect(path).questions))


ALL = {"question": question, "crossed": crossed, "twelve": twelve, "collect": collecting}

if __name__ == "__main__":
    for name in sys.argv[1:] or ALL:
        ALL[name]()
