"""Validate: all findings at once, rows accepted or held, corrections declared.

Enters: ``schemas.returns.RawReturn``. Leaves: ``schemas.returns.CheckedReturn``, texts and a receipt that a
member can act on. Serves rules 1, 2 and 5.
"""

from platform_utils.validate.check import check_return
from platform_utils.validate.corrections import Correction, load_corrections, require_all_applied

__all__ = ["Correction", "check_return", "load_corrections", "require_all_applied"]
