"""The support programme (NSP): its rules by date, its steps in order, and cases judged by both.

Enters: a clean year. Leaves: the same year with what tables count of cases, and findings in plain words.
Nothing is mended: whoever reads decides.
"""

from platform_utils.programme.judge import Breach, Case, Spell, Verdict, days_beyond, judge_case
from platform_utils.programme.rules import Limit, Rules, load_rules
from platform_utils.programme.sequence import Misstep, check_steps
from platform_utils.programme.year import judge_year, traces

__all__ = [
    "Breach",
    "Case",
    "Limit",
    "Misstep",
    "Rules",
    "Spell",
    "Verdict",
    "check_steps",
    "days_beyond",
    "judge_case",
    "judge_year",
    "load_rules",
    "traces",
]
