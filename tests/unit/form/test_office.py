"""The form after LibreOffice has opened it, calculated everything anew and saved it again."""

import random
import re
import shutil
import subprocess
import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from platform_utils.form import write_template
from platform_utils.returns import read_return
from platform_utils.spec import codebook

pytestmark = [
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.xdist_group("office"),
]

RECALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""


def convert(folder, *files):
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(RECALCULATE_ALWAYS, encoding="utf-8")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile.parent}", "--headless", "--convert-to", "xlsx",
         "--outdir", str(folder / "out"), *map(str, files)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return [folder / "out" / file.name for file in files]


def lines(path, sheet):
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    rounded = ([round(cell, 9) if isinstance(cell, float) else cell for cell in row[:8]] for row in rows)
    return [tuple(row) for row in rounded if any(cell != "" for cell in row)]


def noisy_tables(year, lang, rows, seed):
    """Invented answers, half of them senseless: every rule has something to count."""
    book, rng = codebook.load(), random.Random(seed)
    tables = {}
    for grain, size in (("case", rows), ("programme", 30), ("organisation", 1), ("total", 5)):
        columns = {}
        for column, (variable, code) in book.grain_columns(grain, year).items():
            labels = (
                [c.label(lang) for c in book.lists["yes_no"]]
                if code
                else [c.label(lang) for c in book.codes(variable, year)]
            )
            labels += [book.special["unknown"].label(lang), ""]
            if variable.kind == "text_code":
                values = [
                    f"P{rng.randint(1, rows)}" if rng.random() < 0.95 else "19800101-1234"
                    for _ in range(size)
                ]
                values = [v if variable.name == "person_code" or rng.random() < 0.1 else "" for v in values]
            elif variable.is_number:
                values = [rng.choice(["", "", 0, 1, 2, 5, 20, 40, 999, "text"]) for _ in range(size)]
            else:
                values = [
                    rng.choice([*labels[:9], *labels[-2:], *(["JA", "hm"] if rng.random() < 0.1 else [])])
                    for _ in range(size)
                ]
            columns[column] = pd.Series(values, dtype=object)
        tables[grain] = pd.DataFrame(columns)
    tables["case"].loc[3] = ""
    return tables


def test_stored_results_are_what_libreoffice_calculates(tmp_path):
    written = []
    for year, lang in ((2025, "sv"), (2020, "en")):
        for name, tables in (("empty", None), ("noisy", noisy_tables(year, lang, 80, year))):
            written.append(tmp_path / f"{name}_{year}_{lang}.xlsx")
            write_template(written[-1], year, lang, tables=tables)
    for before, after in zip(written, convert(tmp_path, *written), strict=True):
        sheet = "Kontroll" if before.stem.endswith("sv") else "Check"
        assert lines(before, sheet) == lines(after, sheet)


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_lists_checks_protection_and_answers_survive_the_round_trip(tmp_path):
    tables = {
        "case": pd.DataFrame(
            {
                "person_code": ["P1", "P2"],
                "role": ["direkt utsatt", "syskon till utsatt"],
                "age_years": [30, 8],
            }
        )
    }
    before = tmp_path / "form.xlsx"
    write_template(before, 2025, "sv", member_id="M07", tables=tables)
    (after,) = convert(tmp_path, before)
    first, second = (read_return(path, year=2025) for path in (before, after))
    assert (second.member_id, second.form_version) == ("M07", "2025-sv")
    same = [name for name in first.tables["case"].columns if name != "file"]
    assert first.tables["case"][same].astype("str").equals(second.tables["case"][same].astype("str"))
    assert () == second.findings
    written, saved = parts(before), parts(after)
    for name in ("lista_role", "lista_country", "lista_yes_no"):
        assert f'name="{name}"' in saved["xl/workbook.xml"]
    sheets = [f"xl/worksheets/sheet{number}.xml" for number in range(1, 9)]
    for name in sheets:
        assert "<sheetProtection" in saved[name]
    checks = re.compile(r"<dataValidation ")
    for name in sheets[2:6]:
        assert len(checks.findall(written[name])) <= len(checks.findall(saved[name]))
