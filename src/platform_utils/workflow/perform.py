"""Make one node here: the function of ``pipeline`` that it names, with its arguments.

Enters: a node and the workspace that holds its inputs. Leaves: its outputs. The same on this desk and on a
worker of a cluster.
"""

from __future__ import annotations

from platform_utils.config import load_settings
from platform_utils.paths import Workspace
from platform_utils.workflow.graph import Node

__all__ = ["perform_here"]


def perform_here(node: Node, workspace: Workspace) -> None:
    """Make a node's outputs in a workspace.

    Raises
    ------
    PlatformError
        Whatever the function of ``pipeline`` raises.
    """
    # Here, since a no-op imports no stage; what kernels are forked from starts while we import.
    if node.document is not None and load_settings(workspace).kernels == "forked":
        from platform_utils.execute.fork_server import CAN_FORK, warm_up

        if CAN_FORK:
            warm_up()
    from platform_utils import pipeline

    getattr(pipeline, node.action)(**node.arguments, workspace=workspace)
