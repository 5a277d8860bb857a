"""Safety by witness: another population that says all that is published, and has another hidden count.

Enters: persons, the numbers that are published of them, the rules between answers. Leaves: for each hidden
number and value a population that has it (``found``), a proof that there is none (``none``), or the word that
the search ended undecided (``limit``), which is never a pass.
"""

from platform_utils.protect.witness.answers import Answers, packaged_answers
from platform_utils.protect.witness.numbers import Number, numbers_in
from platform_utils.protect.witness.people import People, people_of
from platform_utils.protect.witness.search import Outcome, Search

__all__ = [
    "Answers",
    "Number",
    "Outcome",
    "People",
    "Search",
    "numbers_in",
    "packaged_answers",
    "people_of",
]
