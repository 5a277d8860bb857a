"""A verification to look at: an invented year released in a folder of its own, then verified twice.

Enters: the demo returns of one year. Leaves: two verdicts: the rows are gone and nothing else has moved; the
rows are there and one of them has been set aside since.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

from platform_utils import clean, publish
from platform_utils.config import core_count, load_settings
from platform_utils.errors import UsageError
from platform_utils.paths import Workspace
from platform_utils.release import (
    collect,
    freeze_release,
    open_ledger,
    release_candidate,
    sign_as_demo_readers,
    with_demo_readers,
)
from platform_utils.spec.entries import written_entry
from platform_utils.verify.rebuild import lay_out
from platform_utils.verify.verdict import Verdict, verify_release
from platform_utils.workflow import annual_nodes, report_nodes, run_nodes

_SOURCE = "demo"
_DAY = "2019-08-15"


def rehearse(
    year: int, source: str = "demo", lang: str = "sv", *, workspace: Workspace | None = None
) -> tuple[Verdict, Verdict]:
    """Release an invented year, verify it without its rows, and again after a row has been set aside.

    Parameters
    ----------
    source : str
        ``"demo"`` and nothing else: what one row changes is what that person answered.
    lang : {"sv", "en"}
        Language of the annual report that is released, as a web page.
    workspace : Workspace, optional
        Where the demo returns are; found from the working folder if not given. Nothing is written there.

    Returns
    -------
    from_tables : Verdict
        The returns were gone.
    after_change : Verdict
        The returns were there, with one more correction declared.

    Raises
    ------
    UsageError
        E-811 for real returns.
    PlatformError
        The first failure of a node.
    """
    if source != _SOURCE:
        raise UsageError("E-811", source=source)
    workspace = workspace or Workspace.find()
    workers = core_count(load_settings(workspace))
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        place = Workspace(Path(folder))
        lay_out(workspace, place)
        returns = place.returns(_SOURCE, year)
        shutil.copytree(workspace.returns(_SOURCE, year), returns)
        frozen = _release(place, year, lang, workers)
        away = returns.rename(returns.with_name(f".{year}-away"))
        from_tables = verify_release(place, frozen, workers=workers)
        away.rename(returns)
        _set_one_row_aside(place, year)
        return from_tables, verify_release(place, frozen, workers=workers)


def _release(place: Workspace, year: int, lang: str, workers: int) -> Path:
    nodes = annual_nodes(place, _SOURCE, (year,), lang)
    nodes += report_nodes(
        place, "annual", (year,), source=_SOURCE,
        langs=(lang,), formats=("html",), engine="embedded",
    )  # fmt: skip
    for error in run_nodes(nodes, place, _SOURCE, workers=workers).failed.values():
        raise error
    day = dt.date.fromisoformat(_DAY)
    ledger = with_demo_readers(open_ledger(place, _SOURCE), _SOURCE, day=day)
    ledger.write()
    files = collect(place, _SOURCE, year)
    tables = publish.read_released(place, _SOURCE, year)
    sign_as_demo_readers(place, ledger, release_candidate(place, _SOURCE, year, files, tables), day=day)
    frozen = freeze_release(place, _SOURCE, year, files, tables, date=_DAY)
    return place.releases(_SOURCE) / frozen.id


def _set_one_row_aside(place: Workspace, year: int) -> None:
    """Declare that the first person of the year was not one."""
    rows = clean.read_year(place.restricted(_SOURCE, year)).case
    known = rows[rows["person_code"].str.len() > 0]
    first = known.sort_values(["file", "sheet", "row"]).iloc[0]
    said = {
        "member_id": str(first["member_id"]),
        "file": str(first["file"]),
        "person_code": str(first["person_code"]),
        "action": "drop",
        "reason": "An exercise: somebody changes an input after the release.",
    }
    path = place.corrections(_SOURCE, year)
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.write_text(f"{before}\n[[correction]]\n{written_entry(said)}", encoding="utf-8", newline="\n")
