"""Run exactly the nodes that an input's change reaches, what is independent at the same time.

Enters: nodes. Leaves: outputs, and a manifest that is written last, so that a killed run is simply run
again. One calm line per failure while the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace
from platform_utils.workflow.graph import Node
from platform_utils.workflow.state import (
    Manifest,
    Now,
    Reason,
    current_inputs,
    current_outputs,
    manifest_path,
    read_manifest,
    reasons_to_run,
    remove_manifest,
    write_manifest,
)

_LOOK_AGAIN = 0.5
"""Seconds after which a run that is being stopped looks for kernels that have come up since."""


@dataclass
class Outcome:
    """What a run did.

    Attributes
    ----------
    ran, kept, skipped : list of str
        Nodes that ran; whose outputs were still right; that need a failed one.
    failed : dict
        The error per failed node.
    """

    ran: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, PlatformError] = field(default_factory=dict)


def what_changed(nodes: Sequence[Node], workspace: Workspace, source: str) -> list[Reason]:
    """Return why each node would run, without running any; ``upstream`` where a needed node runs first."""
    reasons: list[Reason] = []
    running: set[str] = set()
    digests: dict[str, str] = {}
    now = Now(workspace)
    for node in nodes:
        found = reasons_to_run(node, now, source, digests)
        waiting = [Reason(node.name, "upstream", name) for name in node.needs if name in running]
        if found or waiting:
            running.add(node.name)
        else:
            digests[node.name] = _digest(node, workspace, source)
        reasons += [r for r in found if r.what.removeprefix("node:") not in running] + waiting
    return reasons


def run_nodes(
    nodes: Sequence[Node],
    workspace: Workspace,
    source: str,
    *,
    workers: int,
    report: Callable[[str, str], None] = lambda *_: None,
    perform: Callable[[Node, Workspace], None] = Node.make,
    stop: Callable[[], None] = lambda: None,
) -> Outcome:
    """Bring nodes up to date.

    Parameters
    ----------
    nodes : sequence of Node
        In an order in which they can run.
    workers : int
        How many at the same time.
    report : callable
        Told ``(name, state)``: ``"started"``, ``"done"``, ``"kept"``, ``"failed"`` or ``"skipped"``.
    perform : callable
        Makes one node.
    stop : callable
        Ends what ``perform`` is making elsewhere, where somebody interrupts.

    Returns
    -------
    Outcome
        Failures are in it, not raised; an interrupt ends the kernels and is.
    """
    outcome = Outcome()
    waiting = {node.name: node for node in nodes}
    running: dict[Future[bool], Node] = {}
    digests: dict[str, str] = {}
    now = Now(workspace)
    for node in nodes:
        now.code.hashes(
            node.code, node.with_texts
        )  # remembered; CPython's parser fails at times in two threads at once
    with ThreadPoolExecutor(max_workers=workers) as pool:
        while waiting or running:
            for node in list(waiting.values()):
                unmade = {*waiting, *(each.name for each in running.values())}
                if any(name in outcome.failed or name in outcome.skipped for name in node.needs):
                    outcome.skipped.append(waiting.pop(node.name).name)
                    report(node.name, "skipped")
                elif unmade.isdisjoint(node.needs) and len(running) < workers:
                    task = pool.submit(_bring_up, node, now, source, dict(digests), perform, report)
                    running[task] = waiting.pop(node.name)
            if not running:
                continue
            try:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt:
                _give_up(pool, running, stop)
                raise
            for task in done:
                node = running.pop(task)
                try:
                    state = "done" if task.result() else "kept"
                except PlatformError as error:
                    outcome.failed[node.name], state = error, "failed"
                else:
                    (outcome.ran if state == "done" else outcome.kept).append(node.name)
                    digests[node.name] = _digest(node, workspace, source)
                report(node.name, state)
    return outcome


def _give_up(pool: ThreadPoolExecutor, running: Iterable[Future[bool]], stop: Callable[[], None]) -> None:
    """End what runs: a cell that hangs would never let go of its thread, nor the thread of us."""
    from platform_utils.execute.kernel import stop_kernels

    pool.shutdown(wait=False, cancel_futures=True)
    stop()
    stop_kernels()
    while wait(running, timeout=_LOOK_AGAIN).not_done:
        stop_kernels()  # one may have been starting


def _bring_up(
    node: Node,
    now: Now,
    source: str,
    digests: Mapping[str, str],
    perform: Callable[[Node, Workspace], None],
    report: Callable[[str, str], None],
) -> bool:
    """Make a node if it has to run; say whether it had."""
    if not reasons_to_run(node, now, source, digests):
        return False
    report(node.name, "started")
    path = manifest_path(now.workspace, source, node.name)
    remove_manifest(path)
    inputs = current_inputs(node, now, digests)  # as they were when the node began to read them
    try:
        perform(node, now.workspace)
    except PlatformError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug in one node must not stop the others
        raise now.workspace.bug(error, source, node.name.replace("/", "-")) from None
    write_manifest(path, Manifest(node.name, inputs, current_outputs(node.outputs, now.workspace)))
    return True


def _digest(node: Node, workspace: Workspace, source: str) -> str:
    """Return one hash of what a node made for others; the notebook that shows it is not for them."""
    manifest = read_manifest(manifest_path(workspace, source, node.name))
    if manifest is None:
        return ""
    shown = {workspace.relative(path) for folder, pattern in node.evidence for path in folder.glob(pattern)}
    return manifest.digest(without=shown)
