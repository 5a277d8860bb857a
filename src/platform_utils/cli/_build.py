"""What ``run`` and ``report`` share: years and formats from words, a progress bar, a receipt."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from platform_utils import messages
from platform_utils.config import Settings, core_count
from platform_utils.errors import PlatformError, UsageError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace
from platform_utils.workflow import Node, Outcome, Reason, run_nodes, what_changed

__all__ = ["bring_up_to_date", "explain", "formats_of", "languages_of", "years_of"]

_FORMATS = ("html", "pdf", "docx")


def years_of(word: str, workspace: Workspace, source: str) -> tuple[int, ...]:
    """Return the years that ``2023`` or ``all`` means.

    Raises
    ------
    UsageError
        E-024 if it is no year, E-022 if nobody has returned for it.
    """
    known = workspace.years_with_returns(source)
    if word == "all" and known:
        return known
    if word != "all" and not (word.isascii() and word.isdigit()):
        raise UsageError("E-024", text=word[:20])
    if word == "all" or int(word) not in known:
        years = ", ".join(map(str, known)) or "–"
        raise UsageError("E-022", year=word, source=source, years=years)
    return (int(word),)


def languages_of(word: str) -> tuple[str, ...]:
    """Return the languages of ``sv``, ``en`` or ``sv,en``.

    Raises
    ------
    UsageError
        E-001.
    """
    langs = tuple(part.strip() for part in word.split(","))
    for lang in langs:
        if lang not in messages.LANGUAGES:
            raise UsageError("E-001", lang=lang)
    return tuple(dict.fromkeys(langs))


def formats_of(word: str) -> tuple[str, ...]:
    """Return the formats of ``html,pdf,docx``, in this order however they were named.

    Raises
    ------
    UsageError
        E-025.
    """
    formats = {part.strip() for part in word.split(",")}
    for name in sorted(formats):
        if name not in _FORMATS:
            raise UsageError("E-025", text=name[:20])
    return tuple(name for name in _FORMATS if name in formats)


def bring_up_to_date(
    nodes: Sequence[Node], workspace: Workspace, settings: Settings, cluster: str | None = None
) -> int:
    """Run nodes with a progress bar and time left; print the receipt; return the exit status.

    With the address of a cluster, nodes are made by its workers; it is left alone where nothing is to do.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        one_writer(workspace),
        ExitStack() as stack,
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("", total=len(nodes))

        def report(name: str, state: str) -> None:
            if state == "started":
                progress.update(task, description=_describe(name, settings.lang))
            else:
                progress.advance(task)

        work: dict[str, Any] = {"workers": core_count(settings)}
        if cluster is not None and what_changed(nodes, workspace, settings.source):
            from platform_utils.workflow.cluster import on_cluster

            def say(why: PlatformError) -> None:
                progress.console.print(why.text(settings.lang), markup=False, highlight=False, soft_wrap=True)

            joined = on_cluster(cluster, nodes, workspace, settings.trusted_workers, say)
            session = stack.enter_context(joined)
            work = {"workers": session.size, "perform": session.perform, "stop": session.give_up}
        outcome = run_nodes(nodes, workspace, settings.source, report=report, **work)
    _print_receipt(outcome, settings.lang)
    return next((error.exit_status for error in outcome.failed.values()), 0)


def explain(nodes: Sequence[Node], workspace: Workspace, settings: Settings) -> int:
    """Print which nodes would run and why, without running any."""
    reasons = what_changed(nodes, workspace, settings.source)
    for reason in reasons:
        print(_why(reason, settings.lang))
    if not reasons:
        print(messages.label("L-run-nothing", settings.lang))
    return 0


def _why(reason: Reason, lang: str) -> str:
    return messages.label(f"L-run-why-{reason.kind}", lang, node=reason.node, what=reason.what)


def _describe(name: str, lang: str) -> str:
    stage, *rest = name.split("/")
    if stage in ("clean", "count"):
        return messages.label(f"L-run-{stage}", lang, year=rest[0])
    return messages.label(f"L-run-{stage}", lang, report=" ".join(rest))


def _print_receipt(outcome: Outcome, lang: str) -> None:
    for name, error in sorted(outcome.failed.items()):
        print(f"{name}: {error.text(lang)}", file=sys.stderr)
    counts = {name: len(getattr(outcome, name)) for name in ("ran", "kept", "failed", "skipped")}
    print(messages.label("L-run-receipt", lang, **counts), file=sys.stderr)
    print(messages.label("L-run-unchecked", lang), file=sys.stderr)
