"""The same build on other machines: nodes go to Dask workers, their outputs come back and are checked.

Enters: nodes and the address of a Dask scheduler. Leaves: the same files as a build on this desk. Rule:
what persons, members or a draft could be read from goes to no worker that the settings do not name.
"""

from platform_utils.workflow.cluster.session import Session, on_cluster

__all__ = ["Session", "on_cluster"]
