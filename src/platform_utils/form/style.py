"""Colours and cell formats of the workbook that members fill in.

Enters: ``resources/template.toml``. Leaves: themes and named formats, each made once per workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from platform_utils.paths import resource
from platform_utils.spec.codebook import Variable
from platform_utils.spec.entries import key, read_entry, read_packaged

A3, A4 = 8, 9
"""Excel's numbers of the paper sizes."""


class Sheet(Worksheet):
    """A sheet whose formulas stand as they are written: each would be searched for thirty later functions."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        return formula.removeprefix("{").removeprefix("=").removesuffix("}")


@dataclass(frozen=True)
class Theme:
    """One coloured group of questions.

    Attributes
    ----------
    name : str
        Key of its label, ``L-template-theme-<name>``.
    first : str
        Its first variable in codebook order.
    band, header : str
        Colours of the group's band (white text) and of its headings (dark text).
    """

    name: str
    first: str
    band: str
    header: str


@dataclass(frozen=True)
class Layout:
    """How the workbook is laid out; see ``resources/template.toml``."""

    first_year: int
    keep_years: int
    prefilled: int
    rows: Mapping[str, int]
    looks: Mapping[str, Mapping[str, object]]
    themes: tuple[Theme, ...] = field(metadata=key("theme"))


@cache
def settings() -> Layout:
    """Return the layout settings that the package carries."""
    said = read_packaged(resource("template.toml"))
    return read_entry(Layout, said, "template.toml", "-", looks=said.pop("looks"))


def theme_of(variables: tuple[Variable, ...]) -> dict[str, Theme]:
    """Return the theme of each variable: the last one that has begun; on other sheets the first."""
    found: dict[str, Theme] = {}
    starts = {theme.first: theme for theme in settings().themes}
    current = settings().themes[0]
    for variable in variables:
        if variable.grain == "case":
            current = starts.get(variable.name, current)
        found[variable.name] = current
    return found


def set_up_page(
    sheet: Worksheet,
    year: int,
    lang: str,
    *,
    paper: int = A4,
    landscape: bool = True,
    margin: float = 0.5,
    is_locked: bool = True,
) -> None:
    """Lock a sheet but for its entry cells, unless said, and say how it is printed."""
    if is_locked:
        sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_paper(paper)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=margin, right=margin, top=0.6, bottom=0.6)
    sheet.set_footer(f"&L{year}-{lang}&C&A&R&P/&N")


class Styles:
    """The formats of one workbook, each made the first time it is asked for."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[object, Format] = {}

    def __getitem__(self, name: str) -> Format:
        return self._get(name, {})

    def band(self, theme: Theme) -> Format:
        """Return the format of a theme's band."""
        return self._get("band", {"bg_color": theme.band})

    def header(self, theme: Theme, *, proposed: bool) -> Format:
        """Return the format of a question's heading; proposed ones are italic with a dashed frame."""
        look = {"bold": not proposed, "italic": proposed, "border": 3 if proposed else 1}
        frame = theme.band if proposed else "#8C8C8C"
        return self._get("header", look | {"bg_color": theme.header, "border_color": frame})

    def _get(self, name: str, look: dict[str, object]) -> Format:
        key = (name, *look.values())
        if key not in self._made:
            self._made[key] = self._workbook.add_format({**settings().looks[name], **look})
        return self._made[key]

    def write_title(self, sheet: Worksheet, title: str, lead: str = "") -> None:
        """Write what a sheet of the form is called, and below it what it is for."""
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, title, self["title"])
        if lead:
            sheet.write_string(1, 0, lead, self["lead"])

    def write_heads(self, sheet: Worksheet, row: int, texts: Iterable[str]) -> None:
        """Write the headings of a list, from the first column on."""
        for position, text in enumerate(texts):
            sheet.write_string(row, position, text, self["column"])

    def write_ruled(self, sheet: Worksheet, row: int, text: str, last: int) -> None:
        """Write a heading with a line across the columns up to ``last``."""
        sheet.write_string(row, 0, text, self["heading"])
        for position in range(1, last + 1):
            sheet.write_blank(row, position, None, self["heading"])
