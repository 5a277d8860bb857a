"""``platform-utils audit``: what a reader of these tables can work out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_utils.cli._words import Description, Lang, MinReleased, Rules, language
from platform_utils.errors import DisclosureError


def main(
    files: Annotated[list[Path], typer.Argument(help="Published tables, CSV or Parquet, one row per cell.")],
    describe: Description = None,
    insider: Annotated[str | None, typer.Option(help="Member id of a reader who knows its own rows.")] = None,
    min_released: MinReleased = None,
    explain: Annotated[bool, typer.Option(help="Name the published numbers that give a count away.")] = True,
    ranges: Annotated[bool, typer.Option(help="Print the range of each hidden cell.")] = False,
    rules: Rules = None,
    lang: Lang = None,
) -> int:
    """Attack published tables together; name each count that can be worked out, its value, and from what.

    Example: platform-utils audit tables/sex.csv tables/region.csv --lang sv
    """
    from platform_utils.protect import load_rule
    from platform_utils.protect.foreign.answered import printed_audit
    from platform_utils.protect.foreign.audit import audit_tables
    from platform_utils.protect.foreign.described import read_described

    described = read_described(files, describe)
    rule = load_rule(rules, described.dimensions).tighten(min_released=min_released)
    answer = audit_tables(described, rule, insider=insider, explain=explain, ranges=ranges)
    for line in printed_audit(answer, language(lang), ranges=ranges):
        print(line)
    return 0 if answer.passed else DisclosureError.exit_status
