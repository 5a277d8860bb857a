"""One table of the pilot's documents: caption, rows, and whose figures they are.

Enters: cells as text, made from safe estimates or from words. Leaves: Markdown.
"""

from __future__ import annotations

from collections.abc import Sequence

from platform_utils.messages import label, say
from platform_utils.publish.inline import Shown
from platform_utils.publish.table import table_block

__all__ = ["pilot_table"]

_WORDS_ONLY = ("plan", "checks", "designs", "known", "threats")


def pilot_table(
    name: str,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    numbers: Sequence[int],
    lang: str,
    source: str,
) -> Shown:
    """Return a table with its caption; tables of persons say whose they are and what marks mean.

    Parameters
    ----------
    name : str
        Key of the caption; ``-lost`` or ``-report`` at its end names the outcome.
    heading, rows, widths, numbers
        As in `markdown_table`.
    lang : {"sv", "en"}
        Language.
    source : str
        Whose cohort.

    Returns
    -------
    Shown
        Markdown with the id ``tbl-pilot-<name>``.
    """
    key, _, outcome = name.rpartition("-")
    by_outcome = outcome in ("lost", "report")
    words = label(f"L-pilot-outcome-{outcome}", lang) if by_outcome else ""
    caption = label(f"L-pilot-caption-{key if by_outcome else name}", lang, outcome=words)
    body = [list(row) for row in rows] or [["–"] * len(heading)]
    notes = []
    if name not in _WORDS_ONLY:
        whose = label("L-pilot-note-demo" if source == "demo" else "L-pilot-note-source", lang)
        notes = [whose, say("words", "legend", lang)]
    return table_block(f"pilot-{name}", caption, heading, body, notes, widths, numbers)
