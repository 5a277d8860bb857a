"""``platform-utils protect``: any complete tables in, the same tables with what is unsafe hidden out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_utils.cli._words import Description, Lang, MinReleased, Rules, chosen, language
from platform_utils.errors import DisclosureError


def main(
    files: Annotated[list[Path], typer.Argument(help="Complete tables, CSV or Parquet, one row per cell.")],
    out: Annotated[Path, typer.Option(help="Folder for the protected tables.")] = Path("protected"),
    describe: Description = None,
    min_released: MinReleased = None,
    weights: Annotated[str, typer.Option(help="What a hidden cell costs: kept, cells or counts.")] = "kept",
    method: Annotated[str, typer.Option(help="auto, optimal or heuristic.")] = "auto",
    merge: Annotated[bool, typer.Option(help="Merge categories where the set then shows more.")] = False,
    rules: Rules = None,
    lang: Lang = None,
) -> int:
    """Protect linked tables together, write them as CSV, and say how near the optimum they are.

    Example: platform-utils protect tables/sex.csv tables/region.csv --out protected
    """
    from platform_utils.protect import load_rule
    from platform_utils.protect.demand import WEIGHTS
    from platform_utils.protect.design import Design
    from platform_utils.protect.foreign.described import read_described
    from platform_utils.protect.foreign.hide import protect_described
    from platform_utils.protect.foreign.printed import printed_merges, printed_protection, write_csv

    spoken = language(lang)
    chosen("--weights", weights, WEIGHTS)
    chosen("--method", method, ("auto", "optimal", "heuristic"))
    described = read_described(files, describe)
    rule = load_rule(rules, described.dimensions).tighten(min_released=min_released)
    try:
        done = protect_described(described, rule, weights=weights, method=method, merging=merge)
    except DisclosureError as error:
        for line in printed_merges(described, rule, error, spoken):
            print(line)
        raise
    for line in printed_protection(done, spoken):
        print(line)
    for table in (done.protected if isinstance(done, Design) else done).tables:
        print(write_csv(table, out))
    return 0
