"""Write the application of one form of membership: one sheet, a question a line.

Enters: the form and the language. Leaves: one Excel file whose bytes depend on nothing else.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

from platform_utils.form.style import Styles, set_up_page
from platform_utils.messages import label
from platform_utils.paths import write_atomically
from platform_utils.spec.membership import form_label, forms, questions

_FIRST = 4
_YEAR = 2026
"""Of the form as it is, and of its dates."""


def write_application(path: Path, form: str, lang: str) -> None:
    """Write the application; the line of the form's name tells which one it is when it comes back.

    Raises
    ------
    FileError
        E-012 if the file cannot be written.
    """
    with write_atomically(path) as partial, Workbook(str(partial), {"in_memory": True}) as workbook:
        title = label("L-application-title", lang, form=form_label(form, lang))
        workbook.set_properties({"title": title, "created": datetime(_YEAR, 1, 1)})  # noqa: DTZ001 - fixed
        styles, sheet = Styles(workbook), workbook.add_worksheet(label("L-application-sheet", lang))
        sheet.hide_gridlines(2)
        for position, width in enumerate((40, 44, 60)):
            sheet.set_column(position, position, width)
        styles.write_title(sheet, title, label("L-application-lead", lang))
        sheet.write_string(2, 0, label(f"L-application-rights-{form}", lang), styles["plain"])
        sheet.write_string(_FIRST - 1, 0, label("L-application-form", lang), styles["label"])
        sheet.write_string(_FIRST - 1, 1, form_label(form, lang), styles["fixed"])
        for row, name in enumerate(forms()[form].asks, start=_FIRST):
            asked = questions()[name]
            sheet.write_string(row, 0, asked.label(lang), styles["label"])
            sheet.write_blank(row, 1, None, styles["entry"])
            sheet.write_string(row, 2, asked.help.label(lang), styles["text"])
            sheet.set_row(row, 32)
            rule: dict[str, object] = {"validate": "length", "criteria": "<=", "value": 120}
            if asked.answers:
                rule = {"validate": "list", "source": [one.label(lang) for one in asked.answers.values()]}
            sheet.data_validation(row, 1, row, 1, rule | {"input_message": asked.help.label(lang)})
        sheet.fit_to_pages(1, 0)
        set_up_page(sheet, _YEAR, lang)
