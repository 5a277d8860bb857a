"""``platform-utils lab``: JupyterLab on the notebooks, with this workspace's safeguards."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import Annotated

import typer

from platform_utils.config import lab_environment
from platform_utils.errors import SettingsError
from platform_utils.paths import EXPLORE, Workspace, make_folder


def main(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to jupyter lab.")] = None,
) -> int:
    """Open JupyterLab on the notebooks; outputs stay only if they come from demo or published data.

    Example: platform-utils lab
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise SettingsError("E-021")
    workspace = Workspace.find()
    checkpoints = workspace.restricted("members", "checkpoints")
    make_folder(checkpoints)
    flags = [
        "--FileContentsManager.pre_save_hook=platform_utils.execute.saving.strip_unless_demo",
        f"--FileCheckpoints.checkpoint_dir={checkpoints}",
        f"--ServerApp.root_dir={workspace.notebooks}",
        "--ServerApp.contents_manager_class=platform_utils.workflow.contents.DeskContents",
    ]
    make_folder(workspace.notebooks / EXPLORE)
    if os.name == "posix":
        flags.append("--KernelManager.transport=ipc")
    return subprocess.call(
        [sys.executable, "-m", "jupyterlab", *flags, *(arguments or [])], env=lab_environment()
    )
