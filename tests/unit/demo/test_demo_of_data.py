"""A new variable and a new sheet are data: form and demo get them without a line of code, and nothing shifts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import platform_utils
from platform_utils.spec.codebook import load

YEAR = 2018

ADDED = {
    "codebook/grains.toml": """
[[grain]]
name = "contact"
unit = "contact"
sheet_sv = "Kontakter"
sheet_en = "Contacts"
sv = "Kontakter: en rad är en kontakt"
en = "Contacts: one row is one contact"
rows_sv = "kontakter"
rows_en = "contacts"
title = { sv = "Titel", en = "Title" }
lead = { sv = "Ingress", en = "Lead" }
contents = { sv = "Innehåll", en = "Contents" }
person = "person_code"
about_persons = true
""",
    "codebook/variables.toml": "".join(
        f"""
[[variable]]
name = "{name}"
grain = "{grain}"
kind = "{kind}"
sv = "Ny {name}"
en = "New {name}"
sensitivity = "plain"
mark = "I"
{more}
"""
        for grain, name, kind, more in (
            ("case", "new_code", "code", 'codes = "sex"'),
            ("case", "new_days", "days", 'unit = "days"\nminimum = 3\nmaximum = 9'),
            ("organisation", "new_answer", "yes_no", ""),
            ("contact", "person_code", "text_code", "required = true"),
            ("contact", "contact_way", "multi", 'codes = "sex"'),
            ("contact", "contact_days", "days", 'unit = "days"\nminimum = 0\nmaximum = 99'),
        )
    ),
    "demo/distributions.toml": """
[[variable]]
variable = "new_code"
among = "direct"
of = { woman = 1, man = 3 }

[[variable]]
variable = "new_days"
blank = 50

[[variable]]
grain = "organisation"
variable = "new_answer"
of = { yes = 1, no = 1 }

[[rows]]
grain = "contact"
per = "case"
among = "direct"
of = { 0 = 1, 1 = 2, 2 = 1 }

[[variable]]
grain = "contact"
variable = "contact_way"
of = { woman = 25, man = 100 }

[[variable]]
grain = "contact"
variable = "contact_days"
between = [5, 6]
""",
}

YEARS = range(2018, 2026)
HEADINGS = {
    "case": ["new_code", "new_days"],
    "organisation": ["new_answer"],
    "contact": [
        "person_code",
        *(f"contact_way__{code.code}" for code in load().lists["sex"]),
        "contact_days",
    ],
}

SHOW = """
import json, sys
from pathlib import Path
from platform_utils.demo.fill_in import fill_in
from platform_utils.demo.write import write_file
from platform_utils.demo.year import make_years
(demo,) = make_years([int(sys.argv[2])], 1)
returns = fill_in(demo, 1)
said = {
    "tables": {grain: table.to_dict("list") for grain, table in demo.tables.items()},
    "pages": {one.member_id: {page.grain: [row.cells for row in page.rows] for page in one.pages} for one in returns},
    "form": str(write_file(next(one for one in returns if one.member_id == "M01"), Path.cwd())),
}
Path(sys.argv[1]).write_text(json.dumps(said))
"""


def show(package, out):
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    subprocess.run(
        [sys.executable, "-c", SHOW, str(out), str(YEAR)], cwd=out.parent, env=environment, check=True
    )
    return json.loads(out.read_text())


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    ours = Path(platform_utils.__file__).parent
    package = folder / "new" / "platform_utils"
    shutil.copytree(ours, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in ADDED.items():
        path = package / "resources" / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    for grain, columns in HEADINGS.items():
        path = package / "resources" / "column_maps" / f"{grain}.csv"
        head = (
            path.read_text(encoding="utf-8")
            if path.exists()
            else f"column,lang,{','.join(map(str, YEARS))}\n"
        )
        lines = [
            f"{name},{lang}" + f",{name} {lang}" * len(YEARS) for name in columns for lang in ("sv", "en")
        ]
        path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return show(ours, folder / "before.json"), show(package, folder / "after.json")


def test_a_new_variable_and_a_new_sheet_are_filled_as_their_entries_say(before_and_after):
    _, after = before_and_after
    case, contacts = after["tables"]["case"], after["tables"]["contact"]
    direct = [role == "direct" for role in case["role"]]
    answers = [code for code, is_direct in zip(case["new_code"], direct, strict=True) if is_direct]
    assert abs(answers.count("man") - 3 * answers.count("woman")) <= 3
    assert len(answers) == answers.count("man") + answers.count("woman")
    assert {"", *map(str, range(3, 10))} == set(case["new_days"])
    assert {"yes", "no"} == set(after["tables"]["organisation"]["new_answer"])
    times = [contacts["person_code"].count(code) for code in case["person_code"]]
    assert {0, 1, 2} == set(times)
    assert sum(times) == len(contacts["person_code"]) == pytest.approx(sum(direct), abs=2)
    assert {"yes"} == set(contacts["contact_way__man"])
    assert 0.2 < contacts["contact_way__woman"].count("yes") / sum(times) < 0.3
    assert {"5", "6"} == set(contacts["contact_days"])


def test_nothing_that_was_there_changes(before_and_after):
    before, after = before_and_after
    for grain, table in before["tables"].items():
        assert table == {name: after["tables"][grain][name] for name in table}
    for member, pages in before["pages"].items():
        for grain, rows in pages.items():
            new = HEADINGS.get(grain, ())
            assert rows == [
                {name: cell for name, cell in row.items() if name not in new}
                for row in after["pages"][member][grain]
            ]


def test_the_form_has_the_sheet_its_drop_downs_and_its_checks(before_and_after):
    _, after = before_and_after
    book = CalamineWorkbook.from_path(after["form"])
    rows = book.get_sheet_by_name("Kontakter").to_python()
    assert ["Ny person_code", "Ny contact_way: kvinna"] == rows[3][:2]
    assert len(after["pages"]["M01"]["contact"]) == len([row for row in rows[4:] if row[0]])
    lines = book.get_sheet_by_name("Kontroll").to_python()
    checks = {(row[7], row[1]): row[4] for row in lines if row[0] == "Kontakter"}
    assert 0 == checks["E-201", "Ny person_code"]
    assert 0 == checks["E-218", "Ny person_code"]
