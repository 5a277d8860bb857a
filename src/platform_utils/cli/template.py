"""``platform-utils template``: write the workbook that members fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from platform_utils.cli._words import Lang, settings_here
from platform_utils.messages import label


def main(
    year: Annotated[int, typer.Argument(help="Support year that the form is about.")],
    lang: Lang = None,
    member: Annotated[str | None, typer.Option(help="Member id to print on the cover.")] = None,
    name: Annotated[str | None, typer.Option(help="Member's name to print on the cover.")] = None,
    carries: Annotated[
        list[str] | None, typer.Option(help="What the member carries, for its own sheets: nsp.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; beside you unless said.")] = None,
) -> int:
    """Write the Excel workbook that a member fills in for one year.

    Example: platform-utils template 2025 --lang sv
    """
    from platform_utils.form import write_template

    settings = settings_here(lang)
    say = settings.lang
    stem = label("L-template-file", say, year=year)
    path = output or Path(f"{stem}_{member}.xlsx" if member else f"{stem}.xlsx")
    write_template(
        path, year, say, member_id=member, member_name=name, desk=settings.form, carries=carries or ()
    )
    print(path)
    return 0
