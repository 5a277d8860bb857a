"""Find the rows of last year's return in this year's: a file that was copied passes as nobody's new answers.

Enters: a reduced return and the member's reduced copies of the year before. Leaves: the same return with a
finding on each row that stands there too, code and all, where these are most of its rows. A person may be met
for years; a whole return that has not changed in a word is the old file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from platform_utils.paths import Workspace
from platform_utils.returns.receipts import load_receipts
from platform_utils.returns.reduced import read_reduced
from platform_utils.spec import grains
from platform_utils.spec.returns import PROVENANCE, Finding, RawReturn
from platform_utils.spec.text import normalise_text

_FEWEST_ROWS = 3
_FEWEST_ANSWERS = 3
_Answers = tuple[tuple[str, str], ...]


def beside_last_year(raw: RawReturn, workspace: Workspace, source: str) -> RawReturn:
    """Return a return with E-160 on the rows that the member's return of the year before has too.

    Raises
    ------
    FileError
        E-101, E-103, E-135, E-140 if a copy of the year before cannot be read.
    """
    before = list(_earlier(raw, workspace, source))
    found: list[Finding] = []
    for grain in grains.load().values():
        if not grain.persons or grain.name not in raw.tables:
            continue
        known = {
            answers: (other.file, row)
            for other in before
            if grain.name in other.tables
            for answers, _, row in _rows(other.tables[grain.name])
        }
        rows = list(_rows(raw.tables[grain.name]))
        same = [(sheet, row, known[answers]) for answers, sheet, row in rows if answers in known]
        if len(same) >= _FEWEST_ROWS and 2 * len(same) > len(rows):
            found += [
                Finding("E-160", raw.file, sheet, row, fields={"other_file": file, "other_row": other_row})
                for sheet, row, (file, other_row) in same
            ]
    return replace(raw, findings=(*raw.findings, *found)) if found else raw


def _earlier(raw: RawReturn, workspace: Workspace, source: str) -> Iterator[RawReturn]:
    folder = workspace.returns(source, raw.year - 1)
    for receipt in load_receipts(workspace, source, raw.year - 1):
        if receipt.member_id == raw.member_id and receipt.status == "current":
            yield read_reduced(folder / receipt.file, receipt.file)


def _rows(table: pd.DataFrame) -> Iterator[tuple[_Answers, str, int]]:
    """Yield the answers of each row that has some, with its sheet and number."""
    names = [str(name) for name in table if name not in PROVENANCE]
    cells = zip(*(table[name].tolist() for name in names), strict=True)
    for row, sheet, number in zip(cells, table["sheet"].tolist(), table["row"].tolist(), strict=True):
        answers = tuple((name, normalise_text(text)) for name, text in zip(names, row, strict=True) if text)
        if len(answers) >= _FEWEST_ANSWERS:
            yield answers, sheet, number
