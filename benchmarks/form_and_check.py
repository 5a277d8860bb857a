"""Form and check: the same findings in the same rows, over generated forms that LibreOffice has recalculated.

    python benchmarks/form_and_check.py [300]

Forms of several years and both languages are filled with answers of which some contradict each other; LibreOffice
calculates every formula anew and saves them; each line of the sheet Check is held against what `check` finds in the
same file. Ends with 1 if one differs. Needs LibreOffice on PATH.
"""

import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from platform_utils import form, returns, validate
from platform_utils.form.grid import Grid
from platform_utils.form.style import settings
from platform_utils.messages import label
from platform_utils.spec import grains
from platform_utils.spec.codebook import load

KINDS = [(2020, "sv"), (2023, "en"), (2025, "sv"), (2026, "sv"), (2026, "en"), (2024, "sv")]
ODD = {"E-235": "E-216", "W-236": "E-216", "E-159": "E-219"}
"""Codes of the check for what the form can only see by another name."""
BATCH = 50
NUMBERS = {f"E-20{digit}" for digit in (4, 5, 6, 7, 8, 9)}
RECALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""


def recalculate(folder, *files, kind="xlsx"):
    """The files as LibreOffice saves them after calculating everything anew."""
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE_ALWAYS, encoding="utf-8")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile.parent}", "--headless", "--convert-to", kind,
         "--outdir", str(folder / "out"), *map(str, files)],
        check=True, capture_output=True, timeout=2400,
    )  # fmt: skip
    return [folder / "out" / file.with_suffix(f".{kind}").name for file in files]


def filled(year, lang, seed):
    """Tables of answers as drop-downs give them, some of them against each other, some cells pasted over."""
    rng, book = random.Random(seed), load()
    empty = rng.choice([0.2, 0.6, 0.9])
    tables = {}
    for name, rows in (("case", rng.randint(1, 9)), ("programme", rng.randint(0, 4)), ("organisation", rng.choice([0, 1, 2])),
                       ("total", rng.choice([0, 0, 3]))):  # fmt: skip
        grid, columns = Grid(name, year, lang, book, 1000), {}
        for column, (variable, _) in grid.columns.items():
            if variable.kind == "text_code":
                codes = [f"P{n}" for n in range(1, rows + 3)] + ["", "ABC"] * (rng.random() < 0.1)
                columns[column] = (
                    rng.sample(codes, rows) if rng.random() < 0.7 else rng.choices(codes, k=rows)
                )
                if column == "case_id":
                    columns[column] = [code if rng.random() < 0.2 else "" for code in columns[column]]
            else:
                answers = grid.answers(column) or [
                    0,
                    1,
                    2,
                    5,
                    31,
                    90,
                    17,
                    40,
                    *[5000, "hmm"] * (rng.random() < 0.1),
                ]
                answers = [*answers[:12], *answers[-1:], *["hmm"] * (rng.random() < 0.05)]
                columns[column] = ["" if rng.random() < empty else rng.choice(answers) for _ in range(rows)]
        tables[name] = pd.DataFrame(columns, dtype=object)
    if rng.random() < 0.8:
        tables["total"] = tables["total"][:0]
    return {name: table for name, table in tables.items() if len(table)}


def counted(path, lang):
    """What the sheet Check counts: (code, sheet, question or group) to (number, first row, severity)."""
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(label("L-template-sheet-check", lang))
    severities = {label(f"L-template-check-{one}", lang): one for one in ("error", "warning")}
    found = defaultdict(list)
    for row in sheet.to_python(skip_empty_area=False):
        if row[3] in severities and row[4] and row[7]:
            key = (row[7], row[0], severities[row[3]] if row[7] in ("E-203", "E-204") else row[1])
            found[key].append((int(row[4]), int(row[5]), severities[row[3]]))
    return {
        key: (sum(n for n, _, _ in all_), min(r for _, r, _ in all_), all_[0][2])
        for key, all_ in found.items()
    }


def found_by_check(path, year, lang):
    """The same of what `check` finds in the same file."""
    raw = returns.reduce_return(returns.read_return(path, year=year))
    checked, book = validate.check_return(raw), load()
    found = defaultdict(list)
    for one in checked.findings:
        code = ODD.get(one.code, "E-204" if one.code in NUMBERS else one.code)
        if code.startswith(("W-1", "E-1")):
            continue
        grain = next((g for g, each in grains.load().items() if each.sheet(lang) == one.sheet), "case")
        grid = Grid(grain, year, lang, book, 1000)
        asked = (
            one.variable
            if one.variable in grid.asked or "__" not in one.variable
            else one.variable.partition("__")[0]
        )
        question = (
            grid.heading(asked)
            if asked in grid.columns
            else book.variable(asked, grain).label(lang)
            if asked
            else ""
        )
        if code == "E-226":
            one_sheet, question, row = (
                label("L-template-sheet-cover", lang),
                label("L-template-cover-member-id", lang),
                4,
            )
        elif code == "W-238":
            one_sheet, row = one.sheet, int(raw.tables["total"]["row"].min())
        else:
            one_sheet, row = one.sheet, one.row
        key = (code, one_sheet, one.severity if code in ("E-203", "E-204") else question)
        found[key].append((row, one.severity))
    rows = {key: len(checked_rows) for key, checked_rows in found.items()}
    for key in found:  # said once for a sheet, though it concerns each of its rows
        if key[0] == "W-238":
            rows[key] = len(raw.tables["total"])
    return {key: (rows[key], min(row for row, _ in all_), all_[0][1]) for key, all_ in found.items()}


def compared(path, year, lang):
    """Every finding in one file, as (key, form, check)."""
    by_form, by_check = counted(path, lang), found_by_check(path, year, lang)
    return [(key, by_form.get(key), by_check.get(key)) for key in sorted(by_form.keys() | by_check.keys())]


def main():
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    differing, found = [], 0
    # shorter sheets: the same formulas over fewer empty rows, which LibreOffice calculates ten times as fast
    settings().rows.update(dict.fromkeys(settings().rows, 40))
    with tempfile.TemporaryDirectory() as name:
        folder, written = Path(name), []
        for seed in range(number):
            year, lang = KINDS[seed % len(KINDS)]
            written.append((folder / f"{seed:03d}_{year}_{lang}.xlsx", year, lang))
            member = None if seed % 7 == 0 else "M07"
            form.write_template(written[-1][0], year, lang, member_id=member, tables=filled(year, lang, seed))
        for start in range(0, number, BATCH):
            batch = written[start : start + BATCH]
            for (path, year, lang), after in zip(
                batch, recalculate(folder, *(one[0] for one in batch)), strict=True
            ):
                findings = compared(after, year, lang)
                found += len(findings)
                differing += [(path.name, *one) for one in findings if one[1] != one[2]]
    for one in differing[:40]:
        print(*one)
    print(f"{number} forms, {found} findings compared, {len(differing)} differ")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
