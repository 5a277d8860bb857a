"""Members' pages of three years, held against a judge who has a member's rows and all its pages.

Run: python benchmarks/feedback_years.py [--years 200] [--from 0] [--judge DIR/bin/python]
Years come in series of three, each released through the gate beside those before it. Of the largest member, one
in the middle and the smallest, each page's numbers are read off the page. Own numbers must be the member's rows,
counted here; every number of all must be one that the edition shows at the same place; and the judge of the attack
battery, which knows the member's rows beside the edition, and so all that its pages say, is asked of every count
of others that the rule hides whether each of the rule's numbers is still possible.

Exit status 1 if a number is another, if a page shows what the edition does not, or a count is narrowed.
"""

# ruff: noqa: SLF001  a page is read part by part, as it is written

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from attack_battery import RULE, SIZES, Told, note
from attack_world import World, is_about_persons, persons_in, targets_of_member
from invented_years import CROSSINGS, YEAR, draw_year

from platform_utils import count
from platform_utils.errors import DisclosureError
from platform_utils.protect import Demand, Ledger, SameRows, beside, design, packaged_links
from platform_utils.protect.merge import laid_out_as
from platform_utils.publish.words import code_label, title_of
from platform_utils.spec.plan import load_plan
from platform_utils.year import feedback as pages

SPAN = (YEAR - 2, YEAR - 1, YEAR)
NUMBER = re.compile(r"(?:\d|[ \u00a0\u202f](?=\d))+$")


def planned_tables(seed):
    """Return the tables that a page reads, and two crossings that hide more."""
    plan = load_plan()
    crossed = [CROSSINGS[seed % len(CROSSINGS)], CROSSINGS[(seed + 5) % len(CROSSINGS)]]
    named = [f"{key}{more}" for key in pages._TABLES for more in ("", pages._WITHOUT_LARGE)]
    tables = [plan.by_key[name] for name in named if name in plan.by_key]
    return [*tables, *(plan.of_persons("_by_".join(pair), "direct", pair) for pair in crossed)]


def released(clean, planned, ledger):
    """Return what the gate lets out of a year, beside all that is out, and the counts behind it."""
    rows = count.persons_of({clean.year: clean}, clean.year)
    counted = [table for table in count.asked_tables(clean, planned) if table.asked]
    known = {("all", clean.year): {"now": rows}}
    mergeable = {one.key: one.merge for one in load_plan().tables}
    demand = beside(Demand(counted, RULE, rows=known, elsewhere=()), ledger)
    tables = design(demand, SameRows(mergeable)).tables
    ledger.add(tables, release=f"{clean.year}-1", day=date(clean.year + 1, 8, 1))
    return rows, {one.name: one for one in tables}, {one.name: one for one in counted}


def told_of(clean, tables, counted, trend):
    """Return what the pages of a year are written from."""
    links = packaged_links(clean.year)
    laid = {name: laid_out_as(counted[name], safe.codes(), links) for name, safe in tables.items()}
    return pages._Year(clean.year, "demo", f"{clean.year}-1", laid, tables, trend, clean, ())


def read_page(told, member):
    """Yield table, codes, own and everybody's number of each row of a page, as it is printed."""
    words = {}
    for key in pages._TABLES:
        name = key + pages._WITHOUT_LARGE * (key + pages._WITHOUT_LARGE in told.released)
        for codes in told.released[name].cells if name in told.released else ():
            title = title_of(key, "en")
            label = code_label(told.released[name].dimensions[0], codes[0], "en") if codes else ""
            words[f"{title}: {label}" if codes else f"**{title}**"] = name, codes
    for line in pages._figures(told, member, RULE.classes["B"].min_without_largest, "en").splitlines():
        cells = [cell.strip().replace("\\", "") for cell in line.strip("|").split("|")]
        if len(cells) == 3 and NUMBER.fullmatch(cells[1]):
            yield *words[cells[0]], number_of(cells[1]), number_of(cells[2])


def number_of(text):
    """Return a printed number; None for two dots."""
    return int(re.sub(r"\D", "", text)) if NUMBER.fullmatch(text) else None


def judge_page(told, rows, member, sums, python):
    """Hold one page against the rows, the edition and the judge."""
    year, name = told.year, f"{told.year} of {len(rows)}"
    world = World(year, [table for table in told.released.values() if is_about_persons(table)])
    persons = persons_in(rows, year)
    counts = world.counts(persons)
    targets, own = targets_of_member(world, persons, member, counts)  # before a page says anything
    place = {(table.name, codes): at for at, (table, codes, *_) in enumerate(world.numbers)}
    wrong = len(sums.leaks)
    for table, codes, mine, everybody in read_page(told, member):
        said = world.numbers[at := place[table, codes]][3]
        sums.sums["numbers of pages"] += 1
        sums.sums["withheld beside own"] += everybody is None and said["high"] is not None
        if mine != own[at]:
            sums.leaks.append(f"{name}: {table} {codes} is not the member's own {own[at]}")
        if everybody not in (None, said["high"]):
            sums.leaks.append(f"{name}: {table} {codes} stands on the page and not in the edition")
    if targets and wrong == len(sums.leaks):
        others = [person for person in persons if person.member != member]
        note([(world.for_judge(f"{name}, inside", targets, others, own), world)], sums, python)


def one_series(size, seed, python, years=SPAN):
    """Release years one after the other; judge the pages of three members in each, and their trend."""
    sums, planned, trend, released_before = Told(), planned_tables(seed), [], {}
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        for year in years:
            clean = draw_year(size + year % 7, seed, year=year)
            sums.sums["years"] += 1
            try:
                rows, tables, counted = released(clean, planned, ledger)
            except DisclosureError as error:  # nothing goes out, so nobody gets a page
                sums.sums[f"refused by the gate, {error.code}"] += 1
                continue
            own = {member: cells.get((), 0) for member, cells in pages._own(counted["headline"]).items()}
            released_before[year] = tables["headline"].count()
            trend = [*trend, (year, own, released_before[year])]
            told = told_of(clean, tables, counted, trend)
            order = sorted(own, key=lambda member: (-own[member], member))
            for member in (order[0], order[len(order) // 2], order[-1]):
                judge_page(told, rows, member, sums, python)
                judge_trend(told, member, released_before, sums)
    return sums


def judge_trend(told, member, released_before, sums):
    """Refuse a trend that says of all what no edition has said."""
    for line in pages._trend(told, member, RULE.classes["B"].min_without_largest, "en").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].isdigit():
            sums.sums["numbers of trends"] += 1
            if number_of(cells[2]) not in (None, released_before[int(cells[0])]):
                sums.leaks.append(f"{told.year}: the trend says of {cells[0]} what no edition says")


def main():
    """Run the series; print sums and what leaks; return 1 if a promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--from", dest="first", type=int, default=0, help="series to begin with")
    parser.add_argument("--judge", default="", help="a Python with OR-tools")
    asked, sums, leaks, unsure = parser.parse_args(), Counter(), [], []
    started = time.process_time()
    for seed in range(asked.first, asked.first + -(-asked.years // len(SPAN))):
        told = one_series(SIZES[seed % len(SIZES)], seed, asked.judge)
        sums, leaks, unsure = sums + told.sums, leaks + told.leaks, unsure + told.open
        spoken = f"{told.sums['asked inside']} counts asked, {len(told.open)} undecided"
        print(
            f"series {seed}: {spoken}, {time.process_time() - started:.0f} s",
            *told.leaks,
            sep="\nLEAK ",
            flush=True,
        )
    for line in unsure:
        print(f"undecided {line}")
    for name in sorted(sums):
        print(f"  {name}: {sums[name]:.0f}")
    print(f"{len(leaks)} leaks, {len(unsure)} undecided")
    return int(bool(leaks))


if __name__ == "__main__":
    sys.exit(main())
