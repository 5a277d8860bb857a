"""Validate: all findings at once, rows accepted or held, corrections declared.

Enters: ``spec.returns.RawReturn``. Leaves: ``spec.returns.CheckedReturn``, texts and a receipt that a
member can act on. Serves rules 1, 2 and 5.
"""

from platform_utils.validate.check import check_return
from platform_utils.validate.corrections import Correction, load_corrections, require_all_applied
from platform_utils.validate.describe import (
    describe,
    group_findings,
    persons_counted,
    printed_check,
    show_findings,
)
from platform_utils.validate.receipt import receipt_path, write_receipt
