"""A verdict as people read it: folders, places, inputs; and a rehearsal that refuses real returns."""

import pytest

from platform_utils.errors import UsageError
from platform_utils.verify import Difference, Verdict, rehearse, show_inputs, show_moved, show_verdict

MOVED = (
    Difference("tables/2018/role.parquet", "table role, cell direct: 3 → 4"),
    Difference("evidence/a.ipynb", "cell 3, fig-role: table, row direct: 3 → 4"),
    Difference("evidence/a.ipynb", "cell 4: outputs: | a |"),
)
VERDICT = Verdict("rows", ("tables/2018/sex.parquet", "LICENSE"), ("reports/a.pdf",), MOVED, ("data:x",))


def test_files_are_counted_by_folder_and_what_was_not_compared_is_said():
    shown = show_verdict(VERDICT, "en")._repr_markdown_()
    assert shown.startswith("**Not reproduced: what moved stands below.**\n")
    assert "| reports | 0 | 1 | 0 |\n| evidence | 0 | 0 | 1 |\n| tables | 1 | 0 | 1 |\n" in shown
    assert "Not compared: fonts" in shown


def test_places_are_listed_by_kind_and_the_rest_is_counted():
    assert "- `2018/role.parquet`: table role, cell direct: 3 → 4\n" == str(
        show_moved(VERDICT, "en", "tables")
    )
    assert "- `a.ipynb`: cell 3, fig-role: table, row direct: 3 → 4\n… and 1 more places.\n" == str(
        show_moved(VERDICT, "en", "evidence", most=1)
    )
    assert "cell 4: outputs: · a ·" in str(show_moved(VERDICT, "en", "evidence", about="outputs"))


def test_inputs_are_named_or_said_to_be_the_same():
    assert "- input moved: `data:x`\n" == str(show_inputs(VERDICT, "en"))
    assert "No input has moved.\n" == str(show_inputs(Verdict("rows", (), (), (), ()), "en"))


def test_a_rehearsal_refuses_real_returns(tmp_path):
    with pytest.raises(UsageError, match="E-811"):
        rehearse(2023, "members")
