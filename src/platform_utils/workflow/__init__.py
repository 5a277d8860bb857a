"""What must run again: nodes, their inputs by content, and the manifests that remember them.

Enters: a workspace. Leaves: outputs that are whole, and beside them a manifest of every input and output
by hash. Nothing here imports pandas or papermill until a node really has to run.
"""

from platform_utils.workflow.graph import NOT_NODES, Node, annual_nodes, report_nodes
from platform_utils.workflow.runner import Outcome, run_nodes, what_changed
from platform_utils.workflow.state import Manifest, read_manifest
