"""A verdict as people read it: what is the same, what moved, which input did it.

Enters: a verdict. Leaves: Markdown.
"""

from __future__ import annotations

from collections import Counter

from platform_utils.messages import label
from platform_utils.publish import Shown
from platform_utils.verify.compare import compared_as
from platform_utils.verify.verdict import Verdict

__all__ = ["show_inputs", "show_moved", "show_verdict"]

_MADE = ("reports", "evidence", "tables", "open_data")
"""Folders of a release whose files a rebuild makes; the others are copied."""


def show_verdict(verdict: Verdict, lang: str) -> Shown:
    """Return how many files of each kind are the same by bytes, by value, or not.

    Parameters
    ----------
    verdict : Verdict
        What a rebuild showed.
    lang : {"sv", "en"}
        Language.
    """
    states = (verdict.same, verdict.equal_by_value, tuple(dict.fromkeys(each.file for each in verdict.moved)))
    counted = [Counter(name.partition("/")[0] for name in names) for names in states]
    heading = [label(f"L-verify-column-{key}", lang) for key in ("files", "bytes", "value", "moved")]
    rows = [[folder, *(str(count[folder]) for count in counted)] for folder in _MADE]
    rows = [row for row in rows if row[1:] != ["0", "0", "0"]]
    result = label("L-verify-reproduced" if verdict.is_reproduced else "L-verify-not-reproduced", lang)
    lines = [f"**{result}**", "", _row(heading), "|:--|--:|--:|--:|", *map(_row, rows)]
    notes = sorted({compared_as(name) for name in verdict.equal_by_value})
    lines += [f"\n{label(f'L-verify-as-{kind}', lang)}" for kind in notes]
    return Shown("\n".join(lines) + "\n")


def show_moved(verdict: Verdict, lang: str, kind: str, *, about: str = "", most: int = 8) -> Shown:
    """Return the places of one kind of file that moved, the first of them.

    Parameters
    ----------
    verdict, lang
        As in `show_verdict`.
    kind : str
        Folder of the release: ``"tables"``, ``"evidence"``, ``"reports"`` or ``"open_data"``.
    about : str
        Only places that name this, such as ``"fig-role"``.
    most : int
        How many are listed.
    """
    found = [each for each in verdict.moved if each.file.startswith(f"{kind}/") and about in each.place]
    lines = [f"- `{each.file.partition('/')[2]}`: {_plain(each.place)}" for each in found[:most]]
    rest = len(found) - most
    return Shown(
        "\n".join([*lines, *([label("L-verify-more", lang, number=rest)] if rest > 0 else [])]) + "\n"
    )


def show_inputs(verdict: Verdict, lang: str) -> Shown:
    """Return the inputs that moved."""
    lines = [f"- {label('L-verify-input', lang, what=f'`{what}`')}" for what in verdict.inputs]
    return Shown("\n".join(lines or [label("L-verify-no-input", lang)]) + "\n")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(place: str) -> str:
    return place.replace("\\n", " ").replace("|", "·").replace("*", "")
