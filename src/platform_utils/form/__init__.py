"""The workbook that members fill in, and the one set of rules about it.

Enters: the codebook, year and language. Leaves: one Excel file; rules, each as a formula and as a check.
"""

from platform_utils.form.application import write_application
from platform_utils.form.rules import rules_of
from platform_utils.form.seen import Answers
from platform_utils.form.workbook import write_template
