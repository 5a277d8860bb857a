"""The pilot's effect on being lost and on police reports: estimators, plan, checks, designs, verdict.

Each estimator is a public function on plain arrays, usable alone, with its source in the docstring.
``evaluate`` puts them together under a frozen plan. Nothing here has passed the gate.
"""

from platform_utils.pilot.cohort import check_cohort, find_problems, read_cohort
from platform_utils.pilot.evaluate import evaluate
from platform_utils.pilot.plan import Plan, freeze_plan, note_opening, read_plan, read_registration
from platform_utils.pilot.power import foresee, smallest_effect
from platform_utils.pilot.release import gate_items, plan_words, to_json, words

__all__ = [
    "Plan",
    "check_cohort",
    "evaluate",
    "find_problems",
    "foresee",
    "freeze_plan",
    "gate_items",
    "note_opening",
    "plan_words",
    "read_cohort",
    "read_plan",
    "read_registration",
    "smallest_effect",
    "to_json",
    "words",
]
