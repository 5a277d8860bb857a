"""The list of the annual meeting: which members there are on its day, and what each may do there.

Enters: the register and a day. Leaves: a workbook, a CSV and a text, restricted. Rule: of members who are
persons nothing is said: their places are counted, names are filled in at the door.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from xlsxwriter import Workbook

from platform_utils.books.register import Register
from platform_utils.form.style import Styles, set_up_page
from platform_utils.lock import one_writer
from platform_utils.messages import label
from platform_utils.paths import Workspace, write_atomically, write_whole
from platform_utils.spec.membership import RIGHTS, form_label, forms

_WIDTHS = (44, 26, 12, 12, 12, 12, 14, 30)


def write_meeting_list(
    register: Register, day: date, lang: str, workspace: Workspace, source: str
) -> list[Path]:
    """Write the list three times, ``.xlsx``, ``.csv`` and ``.txt``; return the paths.

    Raises
    ------
    FileError
        E-012 if the folder cannot be written.
    """
    stem = label("L-meeting-file", lang, day=day)
    heads = [label(f"L-meeting-{key}", lang) for key in ("member", "form", *RIGHTS, "paid", "present")]
    rows = list(_rows(register, day, lang))
    votes = sum(forms()[one.form].rights.count("vote") for one in register.memberships if one.holds(day, day))
    mark = f"{label('L-mark-demo', lang)} · " if source == "demo" else ""
    title = mark + label("L-meeting-title", lang, day=day)
    lead = label("L-meeting-lead", lang, members=len(rows), votes=votes)
    folder = workspace.restricted(source, day.year) / "meeting"
    paths = [folder / f"{stem}.{kind}" for kind in ("xlsx", "csv", "txt")]
    with one_writer(workspace):
        _write(paths, (title, lead), [tuple(heads), *rows], day, lang)
    return paths


def _write(
    paths: Sequence[Path], said: tuple[str, str], rows: Sequence[Sequence[str]], day: date, lang: str
) -> None:
    with write_atomically(paths[0]) as partial, Workbook(str(partial), {"in_memory": True}) as workbook:
        # Excel's dates have no zone, and the file shall not say when it was made
        workbook.set_properties({"title": said[0], "created": datetime(day.year, day.month, day.day)})  # noqa: DTZ001
        styles, sheet = Styles(workbook), workbook.add_worksheet(label("L-meeting-sheet", lang))
        styles.write_title(sheet, *said)
        styles.write_heads(sheet, 3, rows[0])
        for position, width in enumerate(_WIDTHS):
            sheet.set_column(position, position, width)
        for number, row in enumerate(rows[1:], start=4):
            for position, text in enumerate(row):
                sheet.write_string(number, position, text, styles["cell"])
        sheet.freeze_panes(4, 1)
        sheet.repeat_rows(3)
        sheet.fit_to_pages(1, 0)
        set_up_page(sheet, day.year, lang, is_locked=False)
    with write_atomically(paths[1]) as partial, partial.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    lines = [*said, "", *(", ".join(filter(None, row)) for row in rows[1:]), ""]
    write_whole(paths[2], "\n".join(lines))


def _rows(register: Register, day: date, lang: str) -> Iterator[tuple[str, ...]]:
    """Yield a line per member: organisations by form and name, then one empty place per person."""
    here = [one for one in register.memberships if one.holds(day, day)]
    order = list(forms())
    for one in sorted(here, key=lambda one: (one.holder, order.index(one.form), one.name.casefold())):
        about = forms()[one.form]
        may = [label("L-meeting-yes", lang) if right in about.rights else "–" for right in RIGHTS]
        if about.observer:
            may[RIGHTS.index("speak")] = label("L-meeting-observer", lang)
        is_person = one.holder == "person"
        paid = "" if is_person else label(f"L-meeting-{'yes' if day.year in one.paid else 'no'}", lang)
        yield one.name or label("L-meeting-person", lang), form_label(one.form, lang), *may, paid, ""
