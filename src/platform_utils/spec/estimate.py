"""An estimate that has passed the gate: what cannot be computed from released counts.

Enters: what ``protect.protect_estimate`` decided. Leaves: to ``publish``. Sealed like ``SafeTable``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

import pandas as pd

from platform_utils.errors import DisclosureError
from platform_utils.spec import gate_record
from platform_utils.spec.counts import Universe
from platform_utils.spec.seal import Sealed

__all__ = ["KINDS", "EstimateContent", "SafeEstimate"]

KINDS = ("difference", "ratio", "share", "test", "curve", "range", "withheld")
"""What an estimate may be."""


class EstimateContent(NamedTuple):
    """Everything a safe estimate says, in a form that cannot be changed."""

    name: str
    universe: Universe
    kind: str
    shown: tuple[tuple[str, int | str], ...]
    number: int | None
    rule: str
    why: str
    method: str

    def canonical(self) -> str:
        """Return the one text of this content."""
        fields = self._asdict() | {"universe": vars(self.universe)}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


class SafeEstimate(Sealed):
    """A protected estimate. Read its attributes; only the gate makes one.

    Attributes
    ----------
    name : str
        Key of the estimate.
    universe : Universe
        Who it is about.
    kind : str
        One of `KINDS`; ``"withheld"`` where the counts under it may not be shown.
    values : mapping of str to int or str
        Whole percentage points (``"estimate"``, ``"lower"``, ``"upper"``, ``"day_90"``); for ratios, tenths
        as text; for tests ``"p"``: ``"below"`` or ``"above"`` and ``"level"``.
    number : int or None
        Released count of persons that it rests on.
    rule : str
        Name of the disclosure rule.
    why : str
        Empty, or why there is no estimate: ``"few"`` (fewer than the rule's smallest count).
    method : str
        Which interval or test, in words that can be looked up.
    """

    __slots__ = ()

    @property
    def _safe(self) -> EstimateContent:
        return self._opened(EstimateContent)

    @property
    def name(self) -> str:
        """Key of the estimate."""
        return self._safe.name

    @property
    def universe(self) -> Universe:
        """Who it is about."""
        return self._safe.universe

    @property
    def kind(self) -> str:
        """What kind of estimate, ``"withheld"`` where there is none."""
        return self._safe.kind

    @property
    def values(self) -> Mapping[str, int | str]:
        """The numbers, rounded as the rule says."""
        return dict(self._safe.shown)

    @property
    def number(self) -> int | None:
        """Released count of persons that it rests on."""
        return self._safe.number

    @property
    def rule(self) -> str:
        """Name of the disclosure rule."""
        return self._safe.rule

    @property
    def why(self) -> str:
        """Why there is no estimate; empty if there is one."""
        return self._safe.why

    @property
    def method(self) -> str:
        """Which interval or test."""
        return self._safe.method

    def content_text(self) -> str:
        """Return everything it says as one JSON text."""
        return self._safe.canonical()

    def write(self, path: Path) -> None:
        """Write the estimate as Parquet and enter its hash in the gate's record beside it.

        Raises
        ------
        FileError
            E-012 if the folder cannot be written.
        """
        content = self._safe
        shown = content.shown
        data = pd.DataFrame(
            {"key": [key for key, _ in shown], "value": [str(value) for _, value in shown]}
        ).astype("str")
        said = json.loads(content.canonical())
        gate_record.write_frame(Path(path), data, {"kind": "SafeEstimate", "content": said}, content.rule)

    @classmethod
    def read(cls, path: Path) -> SafeEstimate:
        """Read an estimate that the gate has written.

        Raises
        ------
        DisclosureError
            E-411 if the file's hash is not in the gate's record; E-412 if there is no usable record.
        FileError
            E-420 if the file cannot be read.
        """
        fields = gate_record.read_content(Path(path), "SafeEstimate")
        fields["universe"] = Universe(**dict(fields["universe"]))  # type: ignore[call-overload]
        fields["shown"] = tuple((key, value) for key, value in fields["shown"])  # type: ignore[attr-defined]
        return cls.seal_up(EstimateContent(**fields))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SafeEstimate) and self._safe == other._safe

    def __hash__(self) -> int:
        return hash(self._safe)

    def __repr__(self) -> str:
        return f"<SafeEstimate {self.name}: {self.kind}>"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise DisclosureError("E-413", kind="SafeEstimate")
