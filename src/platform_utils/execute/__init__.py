"""Stage execute: notebooks and Quarto documents run once, behind a guard, through papermill.

A notebook or document and its parameters enter; an executed notebook leaves, the same bytes for the same
input. Serves DESIGN rule 5: what a failing cell said never leaves the restricted folder.
"""

from __future__ import annotations

from platform_utils.execute.run import read_notebook, run_document
