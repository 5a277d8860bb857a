"""Readers of tests: each with a key that their name gives, enrolled when they first sign."""

from datetime import date

from platform_utils.release import (
    Candidate,
    enrol_reader,
    open_ledger,
    open_reader,
    readers_of,
    release_candidate,
    write_sign_off,
)
from platform_utils.release.contents import digest_of
from platform_utils.release.readers import demo_key, public_of
from platform_utils.release.sign_off import sealed, signed_by_two

DAY = date(2019, 1, 1)


def enrol(place, *names, source="demo"):
    """Enter readers in the ledger who are not there yet."""
    ledger = open_ledger(place, source)
    there = {one.name for one in readers_of(ledger)}
    for name in names:
        if name not in there:
            ledger = enrol_reader(ledger, name, public_of(demo_key(name)), day=DAY)
    ledger.write()
    return ledger


def sign(place, name, candidate_of, *, decision="approve"):
    """Store one reader's decision on what a ledger would then get, as ``request sign`` does."""
    ledger = enrol(place, name)
    signed = candidate_of(ledger).signed(
        open_reader(ledger, name), demo_key(name), day=DAY, reason="checked", decision=decision
    )
    return write_sign_off(place, "demo", signed)


def sign_release(place, name, year, files, tables=(), *, decision="approve"):
    """Store one reader's decision on a year, as ``release --sign`` does."""
    return sign(
        place, name, lambda _: release_candidate(place, "demo", year, files, tables), decision=decision
    )


def ended(ledger, tables, release, files, *, day=DAY, edition=1, **about):
    """The ledger in which tables have gone out on a day, not yet signed."""
    said = {"id": release, "source": "demo", "date": day.isoformat(), "digest": digest_of(files)} | about
    grown = ledger.with_release(tables, release=release, day=day, edition=edition)
    return sealed(grown, release, said, day=day)


def enter(place, tables, *, release, day, edition=1):
    """Enter a release in the ledger that two readers have signed, without its folder."""

    def grown(ledger):
        return ended(ledger, tables, release, {"release": release.encode()}, day=day, edition=edition)

    for name in ("A. Ett", "B. Två"):
        sign(place, name, lambda ledger: Candidate.of(ledger, grown(ledger)))
    ledger = open_ledger(place, "demo")
    signed_by_two(place, ledger, grown(ledger)).write()
