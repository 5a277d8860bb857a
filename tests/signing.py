"""Readers of tests: each with a key that their name gives, enrolled when they first sign."""

from datetime import date

from platform_utils.release import (
    Candidate,
    enrol_reader,
    open_ledger,
    open_reader,
    read_sign_offs,
    readers_of,
    write_sign_off,
)
from platform_utils.release.readers import demo_key, public_of
from platform_utils.release.sign_off import require_two, sealed

DAY = date(2024, 8, 1)


def enrol(place, *names, source="demo"):
    """Enter readers in the ledger who are not there yet."""
    ledger = open_ledger(place, source)
    there = {one.name for one in readers_of(ledger)}
    for name in names:
        if name not in there:
            ledger = enrol_reader(ledger, name, public_of(demo_key(name)), day=DAY)
    ledger.write()
    return ledger


def sign(place, name, files, tables=(), *, decision="approve", source="demo"):
    """Store one reader's decision on files, as ``release --sign`` does."""
    ledger = enrol(place, name, source=source)
    candidate = Candidate.of(ledger, source, files, tables)
    signed = candidate.signed(
        open_reader(ledger, name), demo_key(name), day=DAY, reason="checked", decision=decision
    )
    return write_sign_off(place, source, signed)


def enter(place, tables, *, release, day, edition=1):
    """Enter a release in the ledger that two readers have signed, without its folder."""
    for name in ("A. Ett", "B. Två"):
        sign(place, name, {"release": release.encode()}, tables)
    ledger = open_ledger(place, "demo")
    candidate = Candidate.of(ledger, "demo", {"release": release.encode()}, tables)
    signed = require_two(read_sign_offs(place, "demo", candidate.digest), candidate, ledger)
    about = {"id": release, "digest": candidate.digest, "signed_by": [one.name for one in signed]}
    ledger = ledger.with_release(tables, release=release, day=day, edition=edition)
    sealed(ledger, release, about, signed, day=day).write()
