"""``platform-utils evaluate``: the pilot evaluation under a plan, on anybody's cohort file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["main"]


def main(
    *,
    plan: Annotated[Path | None, typer.Option(help="Plan (TOML); the packaged one unless said.")] = None,
    data: Annotated[Path | None, typer.Option(help="Cohort (CSV); an invented one unless said.")] = None,
    ledger: Annotated[Path | None, typer.Option(help="Ledger of frozen plans.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="Outside receipt or signature (TOML).")] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Enter the plan in the ledger and stop.")
    ] = False,
    by: Annotated[str | None, typer.Option(help="With --freeze: who freezes the plan.")] = None,
    date: Annotated[str | None, typer.Option(help="With --freeze: the day, YYYY-MM-DD.")] = None,
    source: Annotated[str | None, typer.Option(help="demo, members or external-<name>.")] = None,
    lang: Annotated[str | None, typer.Option(help="sv or en.")] = None,
) -> int:
    """Evaluate the pilot under a plan: verdicts in words on screen, numbers restricted until the gate.

    Example: platform-utils evaluate --lang en
    """
    from platform_utils.analyse.pilot.cohort import find_problems, has_no_dates, read_cohort
    from platform_utils.analyse.pilot.evaluate import evaluate
    from platform_utils.analyse.pilot.plan import read_plan
    from platform_utils.analyse.pilot.registration import read_registration
    from platform_utils.analyse.pilot.summary import summary_lines, to_json
    from platform_utils.config import load_settings
    from platform_utils.demo.pilot import make_pilot_cohort
    from platform_utils.messages import label
    from platform_utils.paths import Workspace, resource, write_atomically

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    written = read_plan(plan if plan is not None else resource("pilot.toml"))
    book = ledger if ledger is not None else workspace.releases(settings.source) / "plans.jsonl"
    if freeze:
        return _freeze(written, book, by, date, settings.lang)
    output = workspace.restricted(settings.source, "pilot") / "evaluation.json"
    output.unlink(missing_ok=True)
    cohort = make_pilot_cohort() if data is None else read_cohort(data)
    if not has_no_dates(cohort):
        problems = find_problems(cohort, written)
        for problem in problems[1:]:
            print(problem.text(settings.lang), file=sys.stderr)
        if problems:
            raise problems[0]
    result = evaluate(written, cohort, read_registration(written, book, receipt))
    with write_atomically(output) as partial:
        partial.write_text(to_json(result), encoding="utf-8", newline="\n")
    if data is None:
        print(label("L-pilot-demo", settings.lang))
    for line in summary_lines(result, settings.lang):
        print(line)
    print(label("L-pilot-written", settings.lang, file=workspace.relative(output)))
    return 0


def _freeze(written: object, book: Path, by: str | None, date: str | None, lang: str) -> int:
    import re

    from platform_utils.analyse.pilot.plan import Plan
    from platform_utils.analyse.pilot.registration import freeze_plan
    from platform_utils.errors import UsageError
    from platform_utils.messages import label

    if not isinstance(written, Plan) or not by or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", date or ""):
        raise UsageError("E-733")
    link = freeze_plan(written, book, by, str(date))
    print(label("L-pilot-frozen", lang, sha256=written.sha256, file=book.name, link=link[:12]))
    return 0
