"""Readers' keys: made here, locked by a passphrase, kept outside the workspace; what they sign and prove.

Enters: a passphrase. Leaves: a locked key file that only its owner may read, and signatures. A key is random;
the passphrase only locks it. The keys of demo readers are published constants: they protect nothing.
"""

from __future__ import annotations

import hashlib
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
from platform_utils.paths import write_atomically

DEMO_READERS = ("First invented reader", "Second invented reader")
"""Who signs what is invented: anybody can compute their keys, which count for the source demo alone."""
_SHORTEST = 8


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
    with write_atomically(path) as partial:
        partial.write_bytes(locked)
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
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            bytes.fromhex(signature), text.encode("utf-8")
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _file(folder: Path, public: str) -> Path:
    return folder / f"{hashlib.sha256(public.encode('ascii')).hexdigest()[:16]}.pem"
