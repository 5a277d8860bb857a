"""Two releases together: 1,000 pairs in which the second leaks, 1,000 in which it does not.

Run: python benchmarks/differencing_pairs.py [pairs]. Which pairs leak is found by writing out every
whole-number table (tests/unit/protect/differencing.py, which shares no code with the gate). Takes some
minutes. Exit status 1 if a leaking pair passes or a harmless one is refused.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "protect"))

import differencing as pairs
from test_differencing import drawn, edition_of, is_edition_refused, is_refused

KINDS = ("finer", "request", "edition")


def main():
    """Judge pairs of three kinds until each side has its number; print, and return 1 on any mistake."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    mistakes = 0
    with TemporaryDirectory() as folder:
        for at, kind in enumerate(KINDS):
            share = wanted // len(KINDS) + (at < wanted % len(KINDS))
            seen = {True: 0, False: 0}
            wrong = {True: 0, False: 0}
            seed = 0
            while min(seen.values()) < share:
                seed += 1
                place = Path(folder) / f"{kind}-{seed}"
                if kind == "edition":
                    one = edition_of(seed)
                    leak = one.leaks
                    refused = seen[leak] < share and is_edition_refused(one, place)
                else:
                    truth, first, second = drawn(kind, seed)
                    if pairs.leaks(truth, first):
                        continue
                    leak = pairs.leaks(truth, first, second)
                    refused = seen[leak] < share and is_refused(truth, first, second, place)
                if seen[leak] < share:
                    seen[leak] += 1
                    wrong[leak] += refused != leak
            mistakes += sum(wrong.values())
            print(
                f"{kind:8s} leaking {seen[True]}, refused {seen[True] - wrong[True]};"
                f" harmless {seen[False]}, refused {wrong[False]}",
                flush=True,
            )
    return 1 if mistakes else 0


if __name__ == "__main__":
    raise SystemExit(main())
