"""Rebuild a release in an empty folder and say what, if anything, has moved.

Enters: a frozen release. Leaves: differences by file, cell, table, figure and sentence, and the inputs that
moved. From rows while they exist, from protected tables after.
"""

from platform_utils.verify.compare import Difference, compare_files, compared_as
from platform_utils.verify.rehearsal import rehearse
from platform_utils.verify.verdict import (
    Verdict,
    check_all_releases,
    check_untouched,
    inputs_since,
    line_of_head,
    show_inputs,
    show_moved,
    show_verdict,
    verify_release,
)
