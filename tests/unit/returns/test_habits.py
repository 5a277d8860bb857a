"""Forms as people fill them in are counted right, or held with the right place; none is silently wrong."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from filled import HABITS, Form, write

from platform_utils.errors import PlatformError
from platform_utils.returns import read_return, reduce_return
from platform_utils.validate import check_return, persons_counted

CASES = [(habit, kind) for habit in HABITS for kind in habit.kinds.split()]
SAVED_AGAIN = [case for case in CASES if case[1] == "xlsx" and "formel" not in case[0].name][:20]


def judged(path, year):
    """What comes of a file: how many are counted, which rows are held, which codes say so."""
    return check_return(reduce_return(read_return(path, year=year, member_id="M07")))


def assert_counted(habit, path):
    if habit.refused:
        with pytest.raises(PlatformError) as caught:
            judged(path, habit.year)
        assert habit.refused == caught.value.code
        return
    checked = judged(path, habit.year)
    said = {finding.code for finding in checked.findings} - {"W-151", "W-159"}
    assert (habit.counted, set(habit.says)) == (persons_counted(checked), said)
    if habit.held is not None:
        rows = {one.row for one in checked.findings if one.severity == "error" and one.row is not None}
        whole = any(one.severity == "error" and one.row is None for one in checked.findings)
        assert (set(habit.held) == rows) or (whole and not rows)
    for column, answers in habit.answers.items():
        assert answers == checked.tables["case"][column].tolist()[: len(answers)]


@pytest.mark.parametrize(("habit", "kind"), CASES, ids=lambda value: getattr(value, "name", value))
def test_a_form_is_counted_right_or_held_with_its_place(tmp_path, habit, kind):
    form = Form()
    habit.change(form)
    assert_counted(habit, write(form, kind, tmp_path / f"svar.{kind}"))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.xdist_group("office")
def test_twenty_forms_that_libreoffice_has_saved_come_to_the_same(tmp_path):
    for number, (habit, kind) in enumerate(SAVED_AGAIN):
        form = Form()
        habit.change(form)
        write(form, kind, tmp_path / f"f{number}.{kind}")
    for suffix, files in (("ods", range(10)), ("xlsx", range(10, 20))):
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", suffix,
             "--outdir", str(tmp_path / "out"), *(str(tmp_path / f"f{n}.xlsx") for n in files)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        for n in files:
            assert_counted(SAVED_AGAIN[n][0], tmp_path / "out" / f"f{n}.{suffix}")


def test_sixty_forms_and_their_habits_stand_in_the_table():
    table = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([^|]+?) \| (?:xlsx|ods|xls|csv)", table, re.MULTILINE)
    assert [habit.name for habit in HABITS] == listed
    assert len(CASES) >= 60
