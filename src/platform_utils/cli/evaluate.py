"""``platform-utils evaluate``: the pilot evaluation under a plan, on anybody's cohort file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platform_utils.cli._words import Lang, Source, day_of
from platform_utils.errors import ContractError

if TYPE_CHECKING:
    from platform_utils.pilot import Plan


def main(
    *,
    plan: Annotated[Path | None, typer.Option(help="Plan (TOML); the packaged one unless said.")] = None,
    data: Annotated[Path | None, typer.Option(help="Cohort (CSV); an invented one unless said.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Ledger of frozen plans.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="Outside receipt or signature (TOML).")] = None,
    freeze: Annotated[bool, typer.Option("--freeze", help="Enter the plan in the ledger and stop.")] = False,
    by: Annotated[str | None, typer.Option(help="With --freeze: who freezes the plan.")] = None,
    date: Annotated[str | None, typer.Option(help="With --freeze: the day, YYYY-MM-DD.")] = None,
    source: Source = None,
    lang: Lang = None,
) -> int:
    """Evaluate the pilot under a plan: verdicts in words on screen, numbers restricted until the gate.

    Example: platform-utils evaluate --lang en
    """
    from platform_utils import pilot, pipeline, publish
    from platform_utils.config import load_settings
    from platform_utils.demo.pilot import write_pilot_cohort
    from platform_utils.lock import one_writer
    from platform_utils.messages import label
    from platform_utils.paths import Workspace, resource

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    written = pilot.read_plan(plan or resource("pilot.toml"))
    book = ledger or workspace.plan_book(settings.source)
    if freeze:
        return _freeze(written, book, by, date, settings.lang)
    path = data or workspace.cohort(settings.source)
    invented = data is None and settings.source == "demo"
    try:
        with one_writer(workspace):
            if invented:
                write_pilot_cohort(path)
            pipeline.evaluate_pilot(
                settings.source, plan=plan, data=data, ledger=book, receipt=receipt, workspace=workspace
            )
    except ContractError as error:
        problems = pilot.find_problems(pilot.read_cohort(path), written) or [error]
        for problem in problems[:-1]:
            print(problem.text(settings.lang), file=sys.stderr)
        raise problems[-1] from None
    if invented:
        print(label("L-pilot-demo", settings.lang))
    elif settings.source == "demo":
        print(label("L-pilot-own-data", settings.lang, source=settings.source))
    shown = publish.load_pilot(lang=settings.lang, source=settings.source, workspace=workspace)
    for part in (shown.status, shown.designs, shown.checks, shown.verdict, shown.change, shown.ethics):
        print(str(part).replace("**", "").rstrip(), end="\n\n")
    print(label("L-pilot-nobody-checked", settings.lang))
    where = workspace.relative(workspace.restricted(settings.source, "pilot") / "evaluation.json")
    print(label("L-pilot-written", settings.lang, file=where))
    return 0


def _freeze(plan: Plan, book: Path, by: str | None, date: str | None, lang: str) -> int:
    from platform_utils import pilot
    from platform_utils.errors import UsageError
    from platform_utils.messages import label

    if not by or day_of(date) is None:
        raise UsageError("E-733")
    link = pilot.freeze_plan(plan, book, by, str(date))
    print(label("L-pilot-frozen", lang, sha256=plan.sha256, file=book.name, link=link[:12]))
    return 0
