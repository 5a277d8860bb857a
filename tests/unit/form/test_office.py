"""The form after LibreOffice has opened it, calculated everything anew and saved it again."""

import re
import shutil
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from platform_utils.form import write_template
from platform_utils.returns import read_return

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))
from form_and_check import compared, filled, recalculate

pytestmark = [
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.xdist_group("office"),
]


def lines(path, lang):
    sheet = {"sv": "Kontroll", "en": "Check"}[lang]
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    rounded = ([round(cell, 9) if isinstance(cell, float) else cell for cell in row[:8]] for row in rows)
    return [tuple(row) for row in rounded if any(cell != "" for cell in row)]


def test_stored_results_are_what_libreoffice_calculates_and_what_check_finds(tmp_path):
    written = []
    for year, lang, seed in (
        (2025, "sv", None),
        (2025, "sv", 8),
        (2020, "en", 5),
        (2026, "sv", 9),
        (2026, "en", 4),
    ):
        written.append((tmp_path / f"{seed}_{year}_{lang}.xlsx", year, lang))
        tables = None if seed is None else filled(year, lang, seed)
        write_template(written[-1][0], year, lang, member_id="M07", tables=tables)
    after = recalculate(tmp_path, *(path for path, _, _ in written))
    for (before, year, lang), saved in zip(written, after, strict=True):
        assert lines(before, lang) == lines(saved, lang)
        if not before.name.startswith("None"):
            assert [] == [one for one in compared(saved, year, lang) if one[1] != one[2]]


def only_persons(path, copy):
    """A copy in which every other sheet is hidden, so that only the persons are printed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/workbook.xml":
                data = re.sub(rb'<sheet name="(?!Personer)', rb'<sheet state="hidden" name="', data)
                area = rb'<definedName name="_xlnm.Print_Area" localSheetId="[^2]"[^>]*>[^<]*</definedName>'
                data = re.sub(area, b"", data)  # LibreOffice prints a hidden sheet that has one
            new.writestr(name, data)


def test_the_short_form_prints_27_persons_on_three_pages_and_its_folded_columns_are_not_hidden(tmp_path):
    persons = pd.DataFrame({"role": ["direkt utsatt"] * 27, "sex": ["kvinna"] * 27, "person_count": [1] * 27})
    before = tmp_path / "form.xlsx"
    write_template(before, 2026, "sv", member_id="M07", tables={"case": persons})
    for kind in ("xlsx", "ods"):
        (after,) = recalculate(tmp_path, before, kind=kind)
        raw = read_return(after, year=2026)
        assert (27, ()) == (len(raw.tables["case"]), raw.findings)
    only_persons(before, tmp_path / "persons.xlsx")
    (printed,) = recalculate(tmp_path, tmp_path / "persons.xlsx", kind="pdf")
    boxes = re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", printed.read_bytes())
    sizes = [tuple(round(float(one)) for one in box.split()[2:]) for box in boxes]
    assert 2 == sizes.count(
        (842, 595)
    )  # landscape A4; the upright page is the cover, which no program can hide


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
    (after,) = recalculate(tmp_path, before)
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
