"""The audit beside every population that the printed numbers allow: ranges, exact counts, what forces them.

Run: python benchmarks/audit_by_enumeration.py [sets of each kind]. Kinds of tables stand in
tests/unit/protect/everybody.py, which shares no code with the audit. Takes some minutes. Exit status 1 if a
range or an exact count is wrong, or the numbers that are named do not force it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "protect"))

from everybody import CASES

from platform_utils.protect import load_rule
from platform_utils.protect.foreign.audit import audit_tables
from platform_utils.protect.foreign.described import read_described


def main():
    """Audit so many sets of each kind; print, and return 1 on any mistake."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    random, rule, mistakes, exact = np.random.default_rng(7), load_rule(), 0, 0
    for name, make in CASES.items():
        case, wrong = make(), 0
        for _ in range(wanted):
            drawn = case.draw(random, random.choice([0.2, 0.35, 0.5, 0.7]))
            with TemporaryDirectory() as folder:
                described = read_described(drawn.write(case, Path(folder)))
            found = audit_tables(described, rule, ranges=True)
            known = drawn.known()
            named = [one for one in found.given_away if one.kind == "exact" and not one.outside]
            told = {place: one for one in named for place in one.places}
            right = known == {one.place: (one.low, one.high) for one in found.hidden}
            right &= told.keys() == {place for place, (low, high) in known.items() if low == high}
            for place, one in told.items():
                numbers = [(number.table, number.codes) for number in one.exposed_by]
                right &= drawn.forced(place, numbers) == {one.low}
            wrong += not right
            exact += len(told)
        print(f"{name}: {wanted} sets, {wrong} wrong", flush=True)
        mistakes += wrong
    print(f"{wanted * len(CASES)} sets, {exact} hidden cells known exactly, {mistakes} sets wrong")
    return int(mistakes > 0)


if __name__ == "__main__":
    sys.exit(main())
