"""The papermill engine of this project: our kernels, our guard, and inline expressions where they stand.

Registered in papermill as ``platform-utils``, so that ``papermill --engine platform-utils`` refuses what
`run_document` refuses. Imports papermill at once: load it only when something is to run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager

from platform_utils.errors import known_class
from platform_utils.execute.kernel import PlatformKernelManager, check_kernel
from platform_utils.execute.parameters import check_parameters, declared_parameters
from platform_utils.execute.source import inline_expressions
from platform_utils.paths import child_environment

NAME = "platform-utils"
_NOT_SHOWN = "not shown, since it may hold what somebody answered"


class InlineError(Exception):
    """An inline expression failed in the kernel: in which cell, with which class of error.

    Parameters
    ----------
    account : str
        The kernel's traceback; for the restricted folder only.
    """

    def __init__(self, cell_id: str, cell_index: int, error: str, account: str) -> None:
        super().__init__(error)
        self.cell_id, self.cell_index, self.error, self.account = cell_id, cell_index, error, account


class SlowCellError(Exception):
    """A cell took longer than it may: which one, by its place among the cells that run."""

    def __init__(self, cell_index: int) -> None:
        super().__init__(cell_index)
        self.cell_index = cell_index


class PlatformEngine(NBClientEngine):
    """papermill's own engine, behind our guard and on our kernels."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        document: str | None = None,
        cwd_of_kernel: str | None = None,
        home: Path | None = None,
        kernel_manager_class: type = PlatformKernelManager,
        execution_timeout: int | None = None,
        start_timeout: int = 60,
        **kwargs: Any,  # noqa: ARG003 (papermill passes more than we use)
    ) -> NotebookNode:
        """Run a notebook's cells once.

        Parameters
        ----------
        document : str, optional
            What messages call the document; None when papermill itself calls, then the guard stands here.
        home : Path, optional
            Root of the workspace that the cells work in.
        execution_timeout : int, optional
            Seconds that one cell may take; None for no limit.
        start_timeout : int, default 60
            Seconds that a kernel may take to start.

        Raises
        ------
        UsageError
            E-501 to E-507 and E-517, as `run_document`.
        """
        if document is None:
            given = nb_man.nb.metadata.get("papermill", {}).get("parameters", {})
            declared = declared_parameters(nb_man.nb, "notebook")
            check_parameters(declared, given, "notebook")
            check_kernel(kernel_name, "notebook")
        client = (_Client if document is not None else _Discreet)(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=kernel_manager_class,
            resources={"metadata": {"path": cwd_of_kernel}} if cwd_of_kernel else {},
            shutdown_kernel="immediate",
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            record_timing=False,
            coalesce_streams=True,
        )
        return client.execute(env=child_environment(home))


class _Client(PapermillNotebookClient):
    """Runs code cells as papermill does, and evaluates the inline expressions of prose in its turn."""

    def execute_cell(self, cell: NotebookNode, cell_index: int, **kwargs: Any) -> NotebookNode:
        try:
            if cell.cell_type == "markdown":
                return self._evaluate(cell, cell_index)
            return super().execute_cell(cell, cell_index, **kwargs)
        except CellTimeoutError:  # its text quotes the cell
            raise SlowCellError(cell_index) from None

    def _evaluate(self, cell: NotebookNode, cell_index: int) -> NotebookNode:
        expressions = inline_expressions(cell.source)
        if not expressions:
            cell.metadata.pop("user_expressions", None)
            return cell
        # Keyed by number: the same expression may stand twice, and each stands on its own.
        asked = {str(number): expression for number, expression in enumerate(expressions)}
        message = self.kc.execute("", silent=True, store_history=False, user_expressions=asked)
        answers = self.wait_for_reply(message, cell)["content"]["user_expressions"]
        stored = []
        for number, expression in asked.items():
            result = answers[number]
            if result["status"] == "error":
                account = "\n".join(result.get("traceback", []))
                raise InlineError(cell.id, cell_index, known_class(result["ename"]), account)
            stored.append({"expression": expression, "result": result})
        cell.metadata["user_expressions"] = stored
        return cell


class _Discreet(_Client):
    """Keeps what a failing cell said to itself: papermill would print it and store it with the notebook."""

    def execute_cell(self, cell: NotebookNode, cell_index: int, **kwargs: Any) -> NotebookNode:
        try:
            return super().execute_cell(cell, cell_index, **kwargs)
        finally:
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.ename, output.evalue = known_class(output.ename), _NOT_SHOWN
                    output.traceback = [f"{output.ename}: {_NOT_SHOWN}"]
