"""Who may sign: readers as the ledger knows them, by key, and the keys themselves. Names are labels.

Enters: a ledger, a passphrase. Leaves: its readers, and the ledger with one more that came or went; a key,
kept outside the workspace and locked. The order of lines counts, not their dates: a signature holds if its
key came by an earlier line and had not gone.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from platform_utils.errors import FileError, UsageError
from platform_utils.paths import write_whole
from platform_utils.protect import Ledger
from platform_utils.spec.ledger_lines import CLOSED, READER
from platform_utils.spec.text import normalise_text

DEMO_READERS = ("First invented reader", "Second invented reader")
"""Who signs what is invented: anybody can compute their keys, which count for the source demo alone."""
_SHORTEST = 8
_BETWEEN = " -.'\u2019"
_ALIKE = str.maketrans("\u0131\u0251\u0261\u01c0", "iagl")
"""Letters that look like another, and no accent or stroke tells them from it."""


def demo_key(name: str) -> Ed25519PrivateKey:
    """Return the key of a demo reader: the same everywhere, so that a demo release has the same bytes."""
    seed = hashlib.sha256(f"platform-utils demo reader: {name}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_of(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key, as it stands in the ledger: 64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint_of(public: str) -> str:
    """Return what the minutes hold of a key, in eight groups of four."""
    digest = hashlib.sha256(public.encode("ascii")).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def make_key(folder: Path, passphrase: str) -> str:
    """Make a random key, lock it, store it and return its public half.

    Raises
    ------
    UsageError
        E-830 if the passphrase is shorter than eight characters.
    FileError
        E-012 if the folder cannot be written.
    """
    if len(passphrase) < _SHORTEST:
        raise UsageError("E-830", number=_SHORTEST)
    key = Ed25519PrivateKey.generate()
    locked = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode("utf-8"))
    )
    path = _file(folder, public_of(key))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, locked)
    path.chmod(0o600)
    return public_of(key)


def unlock(folder: Path, public: str, passphrase: str, *, name: str) -> Ed25519PrivateKey:
    """Return the key of a reader.

    Raises
    ------
    FileError
        E-831 if this desk has no file of that key, or it holds another.
    UsageError
        E-832 if the passphrase does not open it.
    """
    path = _file(folder, public)
    try:
        locked = path.read_bytes()
    except OSError as error:
        raise FileError("E-831", name=name, file=path.name) from error
    try:
        key = load_pem_private_key(locked, passphrase.encode("utf-8"))
    except (ValueError, TypeError) as error:
        raise UsageError("E-832", name=name, file=path.name) from error
    if not isinstance(key, Ed25519PrivateKey) or public_of(key) != public:
        raise FileError("E-831", name=name, file=path.name)
    return key


def is_signed(text: str, signature: str, public: str) -> bool:
    """Say whether a signature is that of a key under exactly this text."""
    try:
        of_key, signed = bytes.fromhex(public), bytes.fromhex(signature)
        Ed25519PublicKey.from_public_bytes(of_key).verify(signed, text.encode("utf-8"))
    except (InvalidSignature, ValueError):
        return False
    return (of_key.hex(), signed.hex()) == (public, signature)  # in capitals it would be another


def _file(folder: Path, public: str) -> Path:
    return folder / f"{hashlib.sha256(public.encode('ascii')).hexdigest()[:16]}.pem"


_DEMO_KEYS = frozenset(public_of(demo_key(name)) for name in DEMO_READERS)


@dataclass(frozen=True)
class Reader:
    """Somebody who may sign, or might once.

    Attributes
    ----------
    key : str
        Public half, hexadecimal.
    came, went : int
        Lines of the ledger, from 1; 0 while the key is open.
    """

    name: str
    key: str
    day: date
    came: int
    went: int = 0

    @property
    def fingerprint(self) -> str:
        """What the minutes hold."""
        return fingerprint_of(self.key)

    @property
    def is_demo(self) -> bool:
        """Whether anybody can sign with this key."""
        return self.key in _DEMO_KEYS

    def may_sign(self, line: int, source: str) -> bool:
        """Say whether a signature of this key counts on a line of a source's ledger."""
        is_open = self.came < line and not 0 < self.went < line
        return is_open and (source == "demo" or not self.is_demo)


def readers_of(ledger: Ledger) -> tuple[Reader, ...]:
    """Return every reader that has come, in the order of the ledger's lines."""
    readers: dict[str, Reader] = {}
    for number, line in enumerate(ledger.lines, start=1):
        said = line.content
        if line.kind == READER and said["key"] not in readers:  # a key comes once
            readers[said["key"]] = Reader(said["name"], said["key"], line.day, number)
        elif line.kind == CLOSED and said["key"] in readers and not readers[said["key"]].went:
            one = readers[said["key"]]
            readers[one.key] = Reader(one.name, one.key, one.day, one.came, number)
    return tuple(readers.values())


def open_reader(ledger: Ledger, name: str) -> Reader:
    """Return the reader of a name whose key has not been closed.

    Raises
    ------
    UsageError
        E-833 with the names that there are.
    """
    there = [one for one in readers_of(ledger) if not one.went]
    for one in there:
        if _letters(one.name) == _letters(name):
            return one
    raise UsageError("E-833", known=", ".join(one.name for one in there) or "–")


def enrol_reader(ledger: Ledger, name: str, key: str, *, day: date) -> Ledger:
    """Return the ledger with one more reader; nothing is written.

    Raises
    ------
    UsageError
        E-834 if the name is empty or has other signs than letters of one script, that of the readers who are
        there; if it looks like one of theirs; or if the key has come before.
    """
    there, name = readers_of(ledger), " ".join(unicodedata.normalize("NFKC", name).split())
    names = [one.name for one in there if not one.went]
    script, key = _scripts(name), key.lower()
    is_one = len(script) == 1 and all(script & _scripts(other) for other in names)
    if not is_one or _letters(name) in map(_letters, names) or key in {one.key for one in there}:
        raise UsageError("E-834", known=", ".join(names) or "–")
    return ledger.with_line(READER, {"name": name, "key": key}, day=day)


def close_reader(ledger: Ledger, name: str, *, day: date) -> Ledger:
    """Return the ledger in which a reader's key counts no more; nothing is written.

    Raises
    ------
    UsageError
        E-833 if there is no such reader.
    """
    one = open_reader(ledger, name)
    return ledger.with_line(CLOSED, {"name": one.name, "key": one.key}, day=day)


def with_demo_readers(ledger: Ledger, source: str, *, day: date) -> Ledger:
    """Return a ledger of invented releases in which the demo readers may sign; nothing is written.

    Raises
    ------
    UsageError
        E-835 for another source.
    """
    if source != "demo":
        raise UsageError("E-835", source=source)
    there = {one.key for one in readers_of(ledger)}
    for name in DEMO_READERS:
        if public_of(demo_key(name)) not in there:
            ledger = enrol_reader(ledger, name, public_of(demo_key(name)), day=day)
    return ledger


def _letters(name: str) -> str:
    """Return a name as it is compared: what its letters and digits are called, without accents and case."""
    plain = unicodedata.normalize("NFKD", normalise_text(name)).translate(_ALIKE)
    return "".join(unicodedata.name(each, "").partition(" WITH ")[0] for each in plain if each.isalnum())


def _scripts(name: str) -> set[str]:
    """Return the scripts of a name's letters; a sign that is none, or is not seen, counts as one more."""
    named = [(sign, unicodedata.name(sign, "")) for sign in name if sign not in _BETWEEN]
    return {each.split()[0] if sign.isalpha() and "FILLER" not in each else each for sign, each in named}
