"""What one row of a sheet is: a person, an intervention, a member, a group of persons.

Enters: ``resources/codebook/grains.toml``. Leaves: grains by name, in the order of the form. Rule:
what differs between sheets is said there, so that another sheet costs an entry and no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from platform_utils.paths import resource
from platform_utils.spec.entries import Labelled, Text, key, read_entry, read_packaged


@dataclass(frozen=True)
class Grain(Labelled):
    """One sheet of the form, and what a row of it is.

    Attributes
    ----------
    name : str
        In the codebook, in column maps, in tables and in the ledger.
    unit : str
        What one row is: ``"person"``, ``"intervention"``, ``"member"``, ``"group"`` …
    sheet_sv, sheet_en : str
        Name of the sheet in the form.
    sv, en : str
        What one row is, as the data dictionary says it.
    rows_sv, rows_en : str
        What its rows are called in lists of tables.
    title, lead : Text
        What stands above its sheet in the form; ``{year}`` is the year.
    contents : Text
        What the form's cover says of the sheet.
    row_key : tuple of str
        Columns that tell the rows of one return apart; empty if none do.
    persons : str
        Column that says how many persons a row stands for; empty if rows count nobody.
    person : str
        Column with a code of the sheet of persons, which must stand there; empty if there is none.
    person_unless : mapping of str to str
        Columns and codes where ``person`` need not stand there.
    about_persons : bool
        Rows are about single persons: whatever names one is refused on this sheet.
    one_row : bool
        A return has one row.
    carried : str
        What its members carry, such as ``"nsp"``: the forms of others do not have the sheet.
    """

    name: str
    unit: str
    sheet_sv: str
    sheet_en: str
    sv: str
    en: str
    rows_sv: str
    rows_en: str
    title: Text
    lead: Text
    contents: Text
    stored_as: str = field(default="", metadata=key("table"))
    row_key: tuple[str, ...] = field(default=(), metadata=key("key"))
    persons: str = ""
    person: str = ""
    person_unless: Mapping[str, str] = field(default_factory=dict)
    about_persons: bool = False
    one_row: bool = False
    carried: str = ""

    def sheet(self, lang: str) -> str:
        """Return the name of its sheet."""
        return self.sheet_sv if lang == "sv" else self.sheet_en

    @property
    def table(self) -> str:
        """Name of the clean table; the grain's own unless said."""
        return self.stored_as or self.name

    def rows(self, lang: str) -> str:
        """Return what its rows are called."""
        return self.rows_sv if lang == "sv" else self.rows_en


@cache
def load() -> Mapping[str, Grain]:
    """Return every grain by its name, in the order of the form.

    Examples
    --------
    >>> [(grain.name, grain.unit) for grain in load().values()][:2]
    [('case', 'person'), ('programme', 'intervention')]
    """
    said = read_packaged(resource("codebook", "grains.toml"))["grain"]
    found = [read_entry(Grain, entry, "grains.toml", f"grain {n}") for n, entry in enumerate(said, start=1)]
    return MappingProxyType({grain.name: grain for grain in found})
