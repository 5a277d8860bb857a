"""``platform-utils power``: what a plan of the pilot evaluation can see, before any outcome is known."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platform_utils.cli._words import Lang, Source

if TYPE_CHECKING:
    from platform_utils.publish import Shown


def main(
    *,
    plan: Annotated[Path | None, typer.Option(help="Plan (TOML); the packaged one unless said.")] = None,
    members: Annotated[int, typer.Option(min=1, help="Members with access; as many without.")] = 6,
    persons: Annotated[int, typer.Option(min=2, help="Persons with access; as many without.")] = 60,
    correlation: Annotated[
        float | None, typer.Option(min=0, max=0.9, help="Inside a member; else the plan's.")
    ] = None,
    risks: Annotated[
        str | None, typer.Option(help="Without and with access: 0.20,0.44; else the plan's.")
    ] = None,
    loss: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share lost in both groups; else the plan's.")
    ] = None,
    source: Source = None,
    lang: Lang = None,
) -> int:
    """Say how often a plan would reach each verdict and which effect it would see; print it as one page.

    Example: platform-utils power --members 6 --persons 60 --lang en
    """
    from platform_utils import pilot, publish
    from platform_utils.config import load_settings
    from platform_utils.messages import label
    from platform_utils.paths import Workspace, resource

    workspace = Workspace.find()
    settings = load_settings(workspace, source=source, lang=lang)
    written = pilot.read_plan(plan or resource("pilot.toml"))
    supposed = replace(
        written,
        correlation=written.correlation if correlation is None else correlation,
        risk_lost=written.risk_lost if loss is None else loss,
        **_pair(risks),
    )
    found = {}
    for outcome in written.outcomes:
        chances, curve = pilot.foresee(supposed, outcome, members, persons)
        smallest = pilot.smallest_effect(curve)
        found[outcome] = publish.Power(chances.shares[outcome], curve, smallest)
    fields: dict[str, object] = {"members": members, "persons": persons, "draws": written.power_draws}
    for name in ("correlation", "risk_lost", "unseen"):
        fields[name] = f"{getattr(supposed, name):g}".replace(".", "," if settings.lang == "sv" else ".")
    for line in publish.power_lines(found, fields, settings.lang):
        print(line)
    book, receipt = workspace.plan_book(settings.source), workspace.plan_receipt(settings.source)
    registered = pilot.read_registration(written, book, receipt if receipt.is_file() else None)
    status = label(registered.reason or "L-pilot-planned", settings.lang, **asdict(registered))
    fonts = workspace.assets / "fonts"
    page = publish.show_plan(pilot.plan_words(written), status, found, fields, settings.lang, fonts)
    stem = workspace.controlled(settings.source, "pilot") / "plan" / f"plan.{settings.lang}"
    for path in _print_page(page, stem, settings.lang):
        print(workspace.relative(path))
    return 0


def _pair(risks: str | None) -> dict[str, Any]:
    from platform_utils.errors import UsageError

    if risks is None:
        return {}
    try:
        without, with_access = (float(part) for part in risks.split(","))
    except ValueError as error:
        raise UsageError("E-734") from error
    if not (0 <= without <= 1 and 0 <= with_access <= 1):
        raise UsageError("E-734")
    return {"risk_without": without, "risk_with": with_access}


def _print_page(page: Shown, stem: Path, lang: str) -> tuple[Path, ...]:
    import nbformat

    from platform_utils.messages import label
    from platform_utils.render import render

    front = f'---\ntitle: "{label("L-pilot-plan-page", lang)}"\nlang: {lang}\ntoc: false\n---'
    cells = [nbformat.v4.new_raw_cell(front), nbformat.v4.new_markdown_cell(page._repr_markdown_())]
    stem.parent.mkdir(parents=True, exist_ok=True)
    notebook = stem.with_name(f"{stem.name}.ipynb")
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    try:
        return render(notebook, ("html", "pdf", "docx"), stem)
    finally:
        notebook.unlink()
