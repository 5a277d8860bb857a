"""Corrupt a good return in many ways, and see that each way meets its own code.

    python benchmarks/fuzz_returns.py [cases] [seed]

Every case names what must come of it: a refusal or a finding by its code, or nothing. Nothing else may
happen: no other kind of error, no cell's content in a message, and a ledger that adds up to the rows written.
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corruptions import KINDS, MARK, YEAR, Case

from platform_utils import messages, returns, validate
from platform_utils.errors import PlatformError

CATCH_ALL = "E-129"
"""What the reader says of a file that it did not foresee; it must never be needed."""


@dataclass(frozen=True)
class Outcome:
    """What came of one case: every code, every text shown, and whether the ledger adds up."""

    case: Case
    codes: tuple[str, ...]
    texts: tuple[str, ...]
    is_exact: bool

    @property
    def is_right(self) -> bool:
        found = set(self.codes) - {"E-161"}  # the good rows have few of the form's columns
        met = self.case.code in found if self.case.code else not any(code.startswith("E-1") for code in found)
        return (
            met and self.is_exact and CATCH_ALL not in found and not any(MARK in text for text in self.texts)
        )


def make_cases(count: int, seed: int) -> Iterator[Case]:
    """Yield cases, going round the kinds of corruption; the same seed gives the same files."""
    makers = list(KINDS.items())
    for number, (kind, maker) in zip(range(count), itertools.cycle(makers), strict=False):
        yield maker(random.Random(f"{seed}/{number}/{kind}"))


def run_case(case: Case, folder: Path) -> Outcome:
    """Read and validate one file as the commands do. Anything but a coded error is a fault, and gets out."""
    path = folder / case.name
    path.write_bytes(case.data)
    codes: list[str] = []
    texts: list[str] = []
    is_exact = True
    try:
        raw = returns.read_return(path, year=YEAR, member_id="M01", password=case.password)
    except PlatformError as error:
        codes.append(error.code)
        texts += [error.text(lang) for lang in messages.LANGUAGES]
    else:
        if case.code == "E-159":  # the rows' own codes are marks: reducing would leave them out everywhere
            raw = returns.reduce_return(raw)
        checked = validate.check_return(raw)
        codes += [finding.code for finding in checked.findings]
        texts += [
            " ".join(validate.describe(finding, lang).lines(lang))
            for finding in checked.findings
            for lang in messages.LANGUAGES
        ]
        texts += [repr(finding) for finding in checked.findings]
        texts += [repr(raw), repr(checked.ledger)]
        read = sum(entry.rows for entry in raw.ledger) + sum(len(table) for table in raw.tables.values())
        is_exact = read == sum(entry.rows for entry in checked.ledger) and case.rows in (None, read)
    finally:
        path.unlink()
    return Outcome(case, tuple(codes), tuple(texts), is_exact)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.perf_counter()
    wrong: list[Outcome] = []
    met: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for case in make_cases(count, seed):
            outcome = run_case(case, Path(folder))
            met[case.code or "none"] += 1
            if not outcome.is_right:
                wrong.append(outcome)
    for outcome in wrong[:20]:
        codes = " ".join(sorted(set(outcome.codes)))
        print(f"{outcome.case.kind}: expected {outcome.case.code or 'none'}, met {codes or 'none'}")
    unforeseen = sum(CATCH_ALL in outcome.codes for outcome in wrong)
    print(f"{count} corruptions of {len(KINDS)} kinds, {len(met)} codes: {len(wrong)} wrong")
    print(f"catch-all {unforeseen} times, {time.perf_counter() - began:.0f} s")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
