"""Researchers' and students' requests: a file says what is asked, the gate what may be answered.

Enters: a request file and clean years. Leaves: protected tables, which two people must approve before
they go out; then they stand in the ledger like every other release.
"""

from platform_utils.requests.answer import (
    SENT,
    Answer,
    answer_request,
    hand_over,
    protected_tables,
    release_name,
    write_register,
)
from platform_utils.requests.check import check_request, thin_tables
from platform_utils.requests.read import (
    IDENTIFIER,
    AskedTable,
    Request,
    countable,
    read_request,
    read_sent_notebook,
)

__all__ = [
    "IDENTIFIER",
    "SENT",
    "Answer",
    "AskedTable",
    "Request",
    "answer_request",
    "check_request",
    "countable",
    "hand_over",
    "protected_tables",
    "read_request",
    "read_sent_notebook",
    "release_name",
    "thin_tables",
    "write_register",
]
