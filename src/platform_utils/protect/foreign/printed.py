"""The answer of ``protect`` in words: what was hidden, how good the choice is, what merges would do.

Enters: a protected set or a design. Leaves: lines of text and protected files.
"""

from __future__ import annotations

from pathlib import Path

from platform_utils.errors import DisclosureError
from platform_utils.messages import label
from platform_utils.paths import write_atomically
from platform_utils.protect.design import Alternative, Design
from platform_utils.protect.foreign.answered import in_lines
from platform_utils.protect.foreign.described import Described
from platform_utils.protect.foreign.hide import demanded
from platform_utils.protect.foreign.wish_list import merges_that_would_do
from platform_utils.protect.gate import Protected
from platform_utils.spec.disclosure import DisclosureRule
from platform_utils.spec.safe import SafeTable


def printed_protection(done: Protected | Design, lang: str) -> list[str]:
    """Return what was hidden and how good the choice is, as lines of text."""
    protected = done.protected if isinstance(done, Design) else done
    choice = protected.choice
    cells = sum(len(table.data) for table in protected.tables)
    hidden = sum(table.n_hidden for table in protected.tables)
    lines = [
        label("L-protect-cells", lang, tables=len(protected.tables), cells=cells, hidden=hidden),
        label("L-protect-cost", lang, cost=float(choice.cost), bound=float(choice.bound)),
    ]
    if choice.gap == 0:
        lines.append(label("L-protect-optimal", lang))
    else:
        lines.append(label("L-protect-within", lang, gap=100.0 * choice.gap))
    methods = ", ".join(f"{label(f'L-protect-by-{m}', lang)}: {n}" for m, n in sorted(choice.methods.items()))
    lines.append(label("L-protect-methods", lang, methods=methods))
    if isinstance(done, Design):
        lines += [_merge_line(one, lang) for one in done.alternatives if one.merge is not None]
        lines += [label("L-protect-left-out", lang, table=name) for name in done.left_out]
    lines.append(label("L-protect-attacked", lang))
    return in_lines(lines)


def printed_merges(
    described: Described, rule: DisclosureRule, error: DisclosureError, lang: str
) -> list[str]:
    """Return the merges that make a refused layout safe, as lines of text; none if ``error`` is another."""
    if error.code != "E-433":
        return []
    names = str(error.fields["tables"]).split(", ")
    found = merges_that_would_do(demanded(described, rule), names)
    return [_merge_line(one, lang) for one in found]


def write_csv(table: SafeTable, folder: Path) -> Path:
    """Write a protected table as CSV, hidden counts as ``..``, and return its path."""
    data = table.data
    shown = [mark or str(count) for mark, count in zip(data["mark"], data["count"], strict=True)]
    path = folder / f"{table.name}.csv"
    with write_atomically(path) as partial:
        data[list(table.dimensions)].assign(count=shown).to_csv(partial, index=False, lineterminator="\n")
    return path


def _merge_line(one: Alternative, lang: str) -> str:
    merge = one.merge
    if merge is None:
        return ""
    together: dict[str, list[str]] = {}
    for code, into in merge.into.items():
        together.setdefault(into, []).append(code)
    groups = "; ".join(" + ".join(codes) for codes in together.values())
    key = "L-protect-merge-chosen" if one.chosen else "L-protect-merge"
    told = {"table": one.table, "dimension": merge.dimension, "groups": groups}
    return label(key, lang, **told, shown=one.shown, hidden=one.hidden)
