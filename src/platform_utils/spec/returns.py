"""What passes between reading, validating and cleaning: rows as text, findings, and the row ledger.

Every frame carries provenance: ``member_id``, ``year``, ``file``, ``sheet`` and ``row`` (1-based row
number in the sheet, as a person sees it in Excel). Nothing here is for readers: all of it is restricted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

PROVENANCE = ("member_id", "year", "file", "sheet", "row")

RECODES = {"file": "str", "variable": "str", "raw": "str", "code": "str", "rows": "int64"}
"""Columns and types of a list of recodes: what each text as typed became, where it changed."""

REASONS = {
    "accepted": "accepted",
    "held": "held",
    "merged": "merged",
    "title": "set_aside",
    "blank_row": "set_aside",
    "total_row": "set_aside",
    "repeated_header": "set_aside",
    "example_row": "set_aside",
    "note": "set_aside",
    "duplicate_file": "set_aside",
    "replaced_file": "set_aside",
    "other_year": "set_aside",
    "no_year": "set_aside",
    "left_out": "set_aside",
    "dropped": "set_aside",
}
"""Every fate of a row that was read, and the side of the ledger it stands on."""


@dataclass(frozen=True)
class Member:
    """One member organisation on the list of a year.

    Attributes
    ----------
    id : str
        Short id, such as ``"M07"``; the same every year.
    membership_form, county : str
        Codes, or accepted spellings; empty if not known.
    """

    id: str
    name: str
    membership_form: str = ""
    county: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that a member can act on.

    Parameters
    ----------
    code : str
        ``"E-2xx"`` holds the row (or, without a row, the file) or only the answer, ``"W-2xx"`` passes it.
    file, sheet : str
        Where; sheet is empty for a whole file.
    row : int, optional
        Row number in the sheet; None for a whole sheet or file.
    column : str
        Heading as it stands in the file, or the codebook heading; empty for a whole row.
    fields : mapping
        Further fields of the message. Never a cell's content. ``holds = "answer"``: the row passes, its
        answer here counts as unreadable.
    variable : str
        Clean column that it concerns, empty if none.
    """

    code: str
    file: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    variable: str = ""

    @property
    def severity(self) -> Literal["error", "warning"]:
        """``"error"`` holds the row, ``"warning"`` passes it."""
        is_error = self.code.startswith("E-") and self.fields.get("holds") != "answer"
        return "error" if is_error else "warning"


@dataclass(frozen=True)
class LedgerEntry:
    """How many rows of one sheet met one fate.

    Rows read of a file = the sum over its entries. Rows are rows of the sheet (a mass case is one).

    Parameters
    ----------
    file, sheet, grain : str
        Where, and what its rows are.
    reason : str
        A key of ``REASONS``.
    rows : int
        How many.
    detail : str
        For held rows the finding's code; for rows that reading set aside their numbers, as ``"1-3, 9"``.
    """

    file: str
    sheet: str
    grain: str
    reason: str
    rows: int
    detail: str = ""


@dataclass(frozen=True)
class RawReturn:
    """One return as it was read: text, nothing judged.

    Parameters
    ----------
    member_id : str
        Member, from the cover sheet or the receipt.
    year : int
        Support year.
    file : str
        File name, NFC.
    form_version : str
        Version stamp of the form, such as ``"2023-sv"``; empty if there is none.
    tables : mapping of grain to DataFrame
        ``str`` columns named as in the codebook, plus provenance. ``""`` is an empty cell; a codebook
        column that the sheet lacks is absent. Totals-only returns have only ``"total"``.
    findings : tuple of Finding
        What reading itself found (unknown heading, formula without a stored result, hidden rows, …).
    ledger : tuple of LedgerEntry
        Rows set aside while reading (title, blank, total row, repeated header).
    left_out : tuple of str
        Places and parts of the file that are not in the tables: ``"Personer!F"``, ``"#3"``, ``"comments"``.
    """

    member_id: str
    year: int
    file: str
    form_version: str
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def is_crosswalked(self) -> bool:
        """Whether its columns, not the form of its year, say what was asked: a file that others published."""
        return self.form_version.startswith("crosswalk-")


@dataclass(frozen=True)
class CheckedReturn(RawReturn):
    """One return after validation: accepted rows as codes, held rows named, findings complete.

    Parameters
    ----------
    tables : mapping of grain to DataFrame
        Accepted rows only. Code columns hold codes of the codebook or ``unknown``, ``blank``,
        ``not_asked``, ``unreadable`` (categorical, in codebook order); number columns are ``Int64``, each
        followed by
        ``<name>_status`` (``given`` or a special code); every codebook column of the grain is present.
    findings : tuple of Finding
        Of reading and validation.
    ledger : tuple of LedgerEntry
        Of reading and validation: accepted, held (by code), set aside.
    recodes : DataFrame, shape (n_recodes, 5)
        `RECODES`, one row per spelling changed; ``raw`` is as typed, and restricted.
    applied : tuple of int
        Numbers of the declared corrections that were used.
    """

    recodes: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    applied: tuple[int, ...] = ()
