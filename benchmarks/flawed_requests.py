"""Does `request check` name what is wrong? Flawed and sound requests, by counts of their own.

Run: python benchmarks/flawed_requests.py [how many of each, 100]
Flaws come in the proportions in which OpenSAFELY prints why outputs bounce: raw counts 30, context 25, small
cells 20, no data behind a figure 10, file type 10, other 5. What is small, and what is sound, is counted here
from the clean rows, with code that the check does not share; sound is what no limit of persons or of members
(three, and four persons without the largest one) can touch. It needs clean demo years (`python tasks.py
report`), leaves nothing there, and exits 1 if the cause is named in fewer than 95 of 100, or more than two of
100 sound ones are stopped.
"""

import contextlib
import io
import itertools
import json
import random
import sys
import tempfile
from pathlib import Path

import pandas as pd

from platform_utils import cli
from platform_utils.paths import Workspace

DAY = "2026-05-01"
KINDS = {"raw counts": 30, "context": 25, "small cells": 20, "no data": 10, "file type": 10, "other": 5}
NAMED = {
    "raw counts": {"E-408", "E-822", "E-402", "E-403", "E-405", "E-407", "E-409", "E-451", "E-821"},
    "context": {"E-875", "E-821"},
    "small cells": {"E-876", "E-433", "E-434", "E-877"},
    "no data": {"E-306", "E-880"},
    "file type": {"E-820", "E-879"},
    "other": {"E-823", "E-825", "E-821", "E-822"},
}
ONE, TWO = (
    ("sex", "police_report", "adult_or_child", "origin_group", "asylum", "nsp"),
    ("sex", "police_report"),
)
FEW = ("origin_country", "police_region", "recruitment", "movement", "exit_kind", "residence_status")
TEXTS = {
    "asked_by": "doctoral student, criminology",
    "purpose": "A chapter of a thesis on who reports trafficking.",
    "legal_ground": "Statistics without personal data, for research.",
}


def written(number, tables, years, **other):
    about = {"id": f"r-{number}", "lang": "en", **TEXTS} | {k: v for k, v in other.items() if k != "expires"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in about.items()]
    lines += [f"expires = {other.get('expires', '2026-12-31')}", f"years = {years}"]
    for at, table in enumerate(tables):
        entry = {"name": f"t{at}", "universe": "direct", "why": "To see whether groups differ."} | table
        lines += ["[[table]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def crossed(case, names):
    """Count the directly exploited by one or two questions, zeros included."""
    direct = case[case["role"].eq("direct")]
    keys = [direct[name].astype("str") for name in names]
    counts = direct.groupby(keys)["person_count"].sum() if len(keys) < 2 else pd.crosstab(*keys).stack()  # noqa: PD013
    return counts.to_numpy()


def by_member(case, names):
    """Count the same by member: a row for each cell, a column for each member."""
    direct = case[case["role"].eq("direct")]
    return direct.pivot_table("person_count", [*names], "member_id", "sum", fill_value=0)


def sound(case, year, count, rng):
    """Yield requests that nothing should stop: every cell is empty or well above every limit."""
    pairs = [(name,) for name in ONE] + list(itertools.permutations(TWO, 2))
    good = [
        p
        for p in pairs
        if all(n in case for n in p)
        and (c := crossed(case, p)).min() >= 8
        and len(c) > 1
        and ((m := by_member(case, p)) > 0).sum(axis=1).min() >= 3
        and (m.sum(axis=1) - m.max(axis=1)).min() >= 4
    ]
    for number in range(count):
        tables = [{"dimensions": list(rng.choice(good))}]
        yield written(
            number,
            tables,
            [year],
            purpose=rng.choice([TEXTS["purpose"], "An article on support for victims."]),
        )


def flawed(case, year, count, rng):
    """Yield (kind, file name, text, notebook) of requests with one flaw each."""
    few = [p for p in itertools.combinations(FEW, 2) if all(n in case for n in p)]
    tiny = [p for p in few if (c := crossed(case, p))[c > 0].size and (c[c > 0] < 4).mean() > 0.6]
    whole = [{"dimensions": ["sex"]}]
    raw = (["person_code"], ["case_id"], ["age_years"], ["county"], ["municipality"], ["sex", "police_report", "form"],
           ["support_given", "form"], ["person_count"], ["first_contact_month", "county"], ["member_id"])  # fmt: skip
    thin = ({"purpose": ""}, {"purpose": "Thesis"}, {"legal_ground": "Yes"}, {"legal_ground": " "}, {"asked_by": ""},
            {"why": "x"}, {"why": "Interesting"}, {"purpose": "N/A n/a"})  # fmt: skip
    other = ({"expires": "2026-04-30"}, {"asked_by": "anna@example.org"}, {"id": "../r"}, {"universe": "everybody"},
             {"purpose": "Ring 0701740605 for more about it."})  # fmt: skip
    kinds = [kind for kind, share in KINDS.items() for _ in range(round(count * share / 100))]
    for number, kind in enumerate(kinds):
        name, book, tables, years, said = "r.toml", None, whole, [year], {}
        if kind == "raw counts":
            tables = [{"dimensions": list(rng.choice(raw))}]
        elif kind == "small cells":
            tables = [{"dimensions": list(rng.choice(tiny))}]
        elif kind == "no data":
            years = [rng.choice([2031, 2040, 2050])]
        elif kind in ("context", "other"):
            said = dict(rng.choice(thin if kind == "context" else other))
            tables = [{**whole[0], **{k: said.pop(k) for k in ("why", "universe") if k in said}}]
        text = written(number, tables, years, **said)
        if kind == "file type":
            name, book, text = rng.choice([("r.docx", None, "PK\x03\x04" + text), ("r.ipynb", None, "{}"), ("r.csv", None, "a;b\n1;2\n"),
                                           ("r.toml", "n.py", text), ("r.toml", "n.zip", text)])  # fmt: skip
        yield kind, name, text, book


def said_of(folder, name, text, book=None):
    """Return the exit status and the codes that the check prints."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    words = ["request", "check", str(path), "--source", "demo", "--lang", "en", "--date", DAY]
    if book:
        (folder / book).write_text("print('figures')", encoding="utf-8")
        words += ["--notebook", str(folder / book)]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = cli.main(words)
    return status, {word.strip(".,:") for word in out.getvalue().split() if word.startswith("E-")}


def measure(case, year, count, seed=1):
    """Return flaws whose cause was not named, and sound requests that were stopped."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        missed = [
            (kind, sorted(codes), text)
            for kind, *one in flawed(case, year, count, rng)
            for text in [one[1]]
            for status, codes in [said_of(folder, *one)]
            if not (status and codes & NAMED[kind])
        ]
        stopped = [
            (sorted(codes), text)
            for text in sound(case, year, count, rng)
            for status, codes in [said_of(folder, "r.toml", text)]
            if status
        ]
    return missed, stopped


def main():
    count, year = int(sys.argv[1]) if len(sys.argv) > 1 else 100, 2022
    case = pd.read_parquet(Workspace.find().restricted("demo", year) / "clean__case.parquet")
    missed, stopped = measure(case, year, count)
    for kind, codes, text in missed:
        print(f"not named: {kind} {codes}\n{text[:600]}")
    for codes, text in stopped:
        print(f"stopped: {codes}\n{text[-200:]}")
    print(
        f"cause named in {count - len(missed)} of {count} flawed requests; {len(stopped)} of {count} sound ones stopped"
    )
    return int(len(missed) > 0.05 * count or len(stopped) > 0.02 * count)


if __name__ == "__main__":
    sys.exit(main())
