"""Researchers' and students' requests: a file says what is asked, the gate what may be answered.

Enters: a request file and clean years. Leaves: protected tables, which two people must approve before
they go out; then they stand in the ledger like every other release.
"""

from platform_utils.requests.answer import Answer, answer_request, hand_over, release_name
from platform_utils.requests.read import AskedTable, Request, read_request

__all__ = [
    "Answer",
    "AskedTable",
    "Request",
    "answer_request",
    "hand_over",
    "read_request",
    "release_name",
]
