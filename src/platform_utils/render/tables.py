"""What writers need to know about a pandoc table: its rows, and how much room its columns want."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platform_utils.errors import ContractError
from platform_utils.render.tree import attr, is_kind, node, plain_text, walk

_MOST_CHARACTERS = 88  # of a table's text across an A4 page with our margins
_MOST_DENSE = 125  # of a dense table's text
_PADDING = 4
_NARROWEST, _GAP = 11, 2
_ALIGNS = {"AlignRight": "right", "AlignCenter": "center"}
_SHARE = 0.64  # of the page for a small table


@dataclass(frozen=True)
class Grid:
    """A table's rows.

    Parameters
    ----------
    aligns : tuple of str
        ``left``, ``center`` or ``right`` per column.
    head, body : tuple of rows
        Header rows and body rows (a foot counts as body): of each cell its blocks.
    """

    aligns: tuple[str, ...]
    head: tuple[tuple[list[Any], ...], ...]
    body: tuple[tuple[list[Any], ...], ...]

    def widths(self) -> tuple[tuple[int, int], ...]:
        """Return, per column, the characters of its longest line and of its longest word."""
        count = len(self.aligns)
        lines, longest = [0] * count, [0] * count
        for row in (*self.head, *self.body):
            for at, cell in enumerate(row):
                blocks = [block for block in walk(cell) if is_kind(block, "Para", "Plain")]
                text = "\n".join(map(plain_text, blocks))
                lines[at] = max(lines[at], *(len(line) for line in text.split("\n")))
                longest[at] = max(longest[at], *(len(word) for word in text.split(" ") or [""]))
        return tuple(zip(lines, longest, strict=True))

    def narrowest(self) -> int:
        """Return how many characters stand side by side where all breaks that can: numbers do not."""
        body, head = Grid(self.aligns, (), self.body).widths(), Grid(self.aligns, self.head, ()).widths()
        room = zip(self.aligns, body, head, strict=True)
        each = (max(line if side == "right" else word, top) for side, (line, word), (_, top) in room)
        return sum(width + _GAP for width in each)


def grid_of(table: dict[str, Any]) -> Grid:
    """Return the rows of a pandoc table.

    Raises
    ------
    ContractError
        E-601 if a cell spans rows or columns.
    """
    _, _, specs, head, bodies, foot = table["c"]
    aligns = tuple(_ALIGNS.get(spec[0]["t"], "left") for spec in specs)
    rows = [row for body in bodies for row in (*body[2], *body[3])]
    return Grid(aligns, tuple(map(_cells, head[1])), tuple(map(_cells, [*rows, *foot[1]])))


def without_widths(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table that leaves its columns' widths to the browser."""
    content = table["c"]
    specs = [[spec[0], {"t": "ColWidthDefault"}] for spec in content[2]]
    return {"t": "Table", "c": [*content[:2], specs, *content[3:]]}


def with_widths(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table whose columns are as wide as their text wants, as shares of the page.

    A table whose words do not fit side by side gets the style ``DenseTable``, which is smaller.
    """
    content = table["c"]
    widths = grid_of(table).widths()
    dense = sum(word + _PADDING for _, word in widths) > _MOST_CHARACTERS
    room, narrowest = (_MOST_DENSE, 0) if dense else (_MOST_CHARACTERS, _NARROWEST)
    least = [word + _PADDING for _, word in widths]
    wanted = [max(line + _PADDING, narrowest) for line, _ in widths]
    if sum(wanted) > room:
        extra = [want - low for want, low in zip(wanted, least, strict=True)]
        share = max(room - sum(least), 0) / sum(extra) if sum(extra) else 0.0
        wanted = [round(low + more * share) for low, more in zip(least, extra, strict=True)]
    whole = max(sum(wanted), room)
    # As in print: small tables are equally wide, and their first column takes the room.
    wanted[0] += max(round(_SHARE * whole) - sum(wanted), 0)
    specs = [
        [spec[0], node("ColWidth", round(want / whole, 4))]
        for spec, want in zip(content[2], wanted, strict=True)
    ]
    attributes = attr(custom_style="DenseTable") if dense else content[0]
    return {"t": "Table", "c": [attributes, content[1], specs, *content[3:]]}


def with_row_headers(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table whose first column heads its rows, if it looks like one that does."""
    content = table["c"]
    grid = grid_of(table)
    if len(grid.aligns) < 2 or grid.aligns[0] != "left" or not grid.head:
        return table
    bodies = [[body[0], 1, *body[2:]] for body in content[4]]
    return {"t": "Table", "c": [*content[:4], bodies, *content[5:]]}


def _cells(row: list[Any]) -> tuple[list[Any], ...]:
    if any((rows, columns) != (1, 1) for _, _, rows, columns, _ in row[1]):
        raise ContractError("E-601", feature="colspan=")
    return tuple(blocks for *_, blocks in row[1])
