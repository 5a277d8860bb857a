"""The Platform's own books: who its members are, what it has done in a year, and its accounts.

Enters: ``register.toml`` and a year's ``activities.toml`` and ``accounts.toml``, which the office keeps.
Leaves: counts, contradictions by entry, the list of the annual meeting. Members who are persons are counted.
"""

from platform_utils.books.meeting import write_meeting_list
from platform_utils.books.register import (
    count_members,
    load_register,
    receive_application,
    told_of,
)
from platform_utils.books.year import store_year
