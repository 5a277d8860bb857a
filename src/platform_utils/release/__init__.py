"""Frozen releases: everything a reader or a colleague needs to trust and recompute a year's figures.

Enters: a year that is up to date, and two people's signatures. Leaves: one immutable folder with checksums.
"""

from platform_utils.release.contents import collect
from platform_utils.release.freeze import (
    Release,
    find_release,
    finish_release,
    freeze_release,
    read_release,
    release_candidate,
    releases_of,
)
from platform_utils.release.readers import (
    close_reader,
    enrol_reader,
    make_key,
    open_reader,
    readers_of,
    unlock,
    with_demo_readers,
)
from platform_utils.release.retention import delete_rows, kept_until, years_over
from platform_utils.release.sign_off import (
    Candidate,
    SignOff,
    open_ledger,
    read_sign_offs,
    sign_as_demo_readers,
    write_sign_off,
)
from platform_utils.release.up_to_date import bring_along, require_up_to_date
