"""Say a finding in words that a member's administrator understands.

Enters: a finding, of whatever stage. Leaves: what is wrong, what is expected, what to do; never a
cell's content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from platform_utils import messages
from platform_utils.spec import codebook
from platform_utils.spec.codebook import Derived, Variable
from platform_utils.spec.returns import Finding

__all__ = ["Explanation", "describe", "finding_text", "group_findings"]

_MOST_LISTED = 16
_PLACE = re.compile(r"\s\(\{file\}[^)]*\)")
"""Where a message of reading repeats its place, which is said beside it."""
_EXPECTED = re.compile(r"\s(?:Expected:?|Väntat:)\s+")


@dataclass(frozen=True)
class Explanation:
    """One finding in words.

    Parameters
    ----------
    what, expected, remedy : str
        Three sentences; the last two are empty where the message does not have them.
    """

    what: str
    expected: str = ""
    remedy: str = ""

    def lines(self, lang: str) -> list[str]:
        """Return the sentences as they are printed under each other."""
        expected = messages.label("L-check-expected", lang, expected=self.expected) if self.expected else ""
        return [line for line in (self.what, expected, self.remedy) if line]


def describe(finding: Finding, lang: str) -> Explanation:
    """Return the three parts of a finding's message.

    Parameters
    ----------
    finding : Finding
        Of reading, validation or cleaning.
    lang : {"sv", "en"}
        Language of the message; headings stay as they stand in the file.

    Returns
    -------
    Explanation

    Examples
    --------
    >>> describe(Finding("E-209", "a.xlsx", "Personer", 14, "Ålder (år)"), "en").remedy
    'Check the number.'
    """
    given = {"file": finding.file, "sheet": finding.sheet, "row": finding.row, "column": finding.column}
    fields = given | dict(finding.fields) | {"expected": _expected(finding, lang)}
    template = _PLACE.sub("", messages.catalogue()[finding.code][lang])
    what, expected, remedy = _parts(template.format(**fields).strip())
    return Explanation(what, expected, remedy)


def finding_text(finding: Finding, lang: str) -> str:
    """Return a finding as one line: code, place, what, expected, what to do."""
    explanation = describe(finding, lang)
    place = [finding.file, finding.sheet] if finding.sheet else [finding.file]
    if finding.row is not None:
        place.append(messages.label("L-check-row", lang, row=finding.row))
    if finding.column:
        place.append(messages.label("L-check-column", lang, column=finding.column))
    said = " ".join(line for line in explanation.lines(lang))
    return f"{finding.code} {', '.join(place)}: {said}"


def group_findings(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[int, ...]]]:
    """Return each distinct message once with all its rows, errors first, else in the order found.

    Parameters
    ----------
    findings : iterable of Finding
        Of one or more files.

    Returns
    -------
    list of (Finding, tuple of int)
        The first of its kind, and the rows of all.
    """
    groups: dict[tuple[object, ...], tuple[Finding, list[int]]] = {}
    for finding in findings:
        fields = tuple(sorted((key, str(value)) for key, value in finding.fields.items()))
        key = (finding.code, finding.file, finding.sheet, finding.column, fields)
        groups.setdefault(key, (finding, []))[1].extend([] if finding.row is None else [finding.row])
    ordered = sorted(groups.values(), key=lambda group: group[0].severity != "error")
    return [(finding, tuple(sorted(set(rows)))) for finding, rows in ordered]


def _parts(text: str) -> tuple[str, str, str]:
    """Split a message where it says what was expected; the sentence after that is the remedy."""
    found = _EXPECTED.search(text)
    if found is None:
        return text, "", ""
    said, _, remedy = text[found.end() :].partition("\n" if "\n" in text else ". ")
    closed = said if said.endswith((".", "?", "!")) or not said else f"{said}."
    return text[: found.start()].strip(), closed, remedy.strip()


def _expected(finding: Finding, lang: str) -> str:
    """Return the permitted answers of the column, or how many there are if they are too many to list."""
    grain = str(finding.fields.get("grain", "case"))
    book = codebook.load()
    name = finding.variable.partition("__")[0]
    variable: Variable | Derived | None = next(
        (one for one in book.variables if one.name == name and one.grain == grain), None
    )
    if not isinstance(variable, Variable):
        return messages.label("L-check-expected-form", lang)
    if variable.is_number:
        limits = {"minimum": variable.minimum, "maximum": variable.maximum}
        return messages.label("L-check-expected-number", lang, **limits)
    year = finding.fields.get("year")
    codes = book.lists["yes_no"] if "__" in finding.variable else book.codes(variable)
    listed = [
        code for code in codes if year is None or (code.since or 0) <= int(str(year)) <= (code.until or 9999)
    ]
    if not listed:
        return messages.label("L-check-expected-form", lang)
    if len(listed) > _MOST_LISTED:
        return messages.label("L-check-expected-list", lang, number=len(listed))
    labels = [code.label(lang) for code in (*listed, book.special["unknown"])]
    return messages.label("L-check-expected-one-of", lang, answers=", ".join(labels))
