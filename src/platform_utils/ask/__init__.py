"""The one door for a question: a table is asked for in one line, and what is answered has passed the gate.

Whoever asks tries the notebook on invented persons; the desk answers the list of its questions; the same
cells, unchanged, then run on the answer (``PLATFORM_UTILS_ANSWER``). The notebook itself never meets a row,
and rows never leave.
"""

from platform_utils.ask.desk import Desk, open_desk
from platform_utils.ask.desk import open_desk as open  # noqa: A004 - ``ask.open()`` is how it reads
from platform_utils.ask.invented import PERSONS, coverage, invented_year
from platform_utils.ask.question import Question
from platform_utils.ask.table import AskedTable, NoComparison

__all__ = [
    "PERSONS",
    "AskedTable",
    "Desk",
    "NoComparison",
    "Question",
    "coverage",
    "invented_year",
    "open",
    "open_desk",
]
