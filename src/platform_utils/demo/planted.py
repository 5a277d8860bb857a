"""The list of planted faults, and the returns that have them."""

from __future__ import annotations

from dataclasses import dataclass, field

from platform_utils.demo.pages import DemoReturn, Page, Row

__all__ = ["Fault", "Planted"]


@dataclass(eq=False)
class Fault:
    """One planted fault.

    Parameters
    ----------
    kind : str
        What it is.
    one : DemoReturn
        The return that has it.
    page : Page, optional
        The sheet; None for a whole file.
    row : Row, optional
        The row; None for a whole sheet or file.
    column : str
        Codebook column, empty for a whole row.
    code : str
        Finding that it must give; empty if it is handled without one.
    is_held : bool
        Whether the row is held until it is mended.
    correction : dict
        What mends it, empty if a new file does or nothing needs to.
    is_replaced : bool
        Whether it stands in a file that another one replaces.
    """

    kind: str
    one: DemoReturn
    page: Page | None = None
    row: Row | None = None
    column: str = ""
    code: str = ""
    is_held: bool = False
    correction: dict[str, str] = field(default_factory=dict)
    is_replaced: bool = False


@dataclass
class Planted:
    """The returns of a year with their faults.

    Parameters
    ----------
    first : list of DemoReturn
        Sent first.
    again : list of DemoReturn
        Sent again, in place of an earlier file of the same member.
    copies : list of (DemoReturn, str)
        Sent twice: the same file under another name.
    faults : list of Fault
        What was planted.
    """

    first: list[DemoReturn]
    again: list[DemoReturn] = field(default_factory=list)
    copies: list[tuple[DemoReturn, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
