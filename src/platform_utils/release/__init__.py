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
    releases_of,
)
from platform_utils.release.sign_off import SignOff, read_sign_offs, write_sign_off
from platform_utils.release.up_to_date import require_up_to_date

__all__ = [
    "Release",
    "SignOff",
    "collect",
    "find_release",
    "finish_release",
    "freeze_release",
    "read_release",
    "read_sign_offs",
    "releases_of",
    "require_up_to_date",
    "write_sign_off",
]
