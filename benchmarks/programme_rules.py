"""Judge generated case histories of the support programme as an oracle of plain loops judges them.

    python benchmarks/programme_rules.py 10000

So many for each time whose rules were found, were not found, or in which the programme was closed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "programme"))

from histories import MONTHS, generated, oracle, versions

from platform_utils.programme import judge_case, load_rules


def main(number: int) -> int:
    """Print, for each time, how many histories were judged alike, how many broke a rule, and how many breaches."""
    rules, wrong = load_rules(), 0
    for era in MONTHS:
        started, alike, broken, breaches = time.perf_counter(), 0, 0, 0
        for case in generated(era, number):
            verdicts = judge_case(case, rules)
            found = {
                (b.version, b.what, b.kind, b.person, b.measure, b.most, b.source)
                for verdict in verdicts
                for b in verdict.breaches
            }
            names = [verdict.period.name for verdict in verdicts]
            alike += found == oracle(case) and names == versions(case.month)
            broken += bool(found)
            breaches += len(found)
        wrong += number - alike
        seconds = time.perf_counter() - started
        print(
            f"{era:10} {alike} of {number} alike, {broken} broke a rule, {breaches} breaches, {seconds:.1f} s"
        )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
