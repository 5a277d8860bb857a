"""Protect a demo workbook with a password, as Excel does, with the same bytes every time.

Enters: an ``.xlsx``, a password and a seed. Leaves: the encrypted container (ECMA-376 agile encryption:
AES-256 in CBC mode, SHA-512). Salts come from the seed, which is right for invented data and nothing else.

References
----------
MS-OFFCRYPTO, sections 2.3.4.10 to 2.3.4.15.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from struct import pack

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.method.container.ecma376_encrypted import ECMA376Encrypted

__all__ = ["locked_bytes"]

_SPIN = 10_000
_SEGMENT = 4096
_NAMESPACE = "http://schemas.microsoft.com/office/2006"
_BLOCKS = {
    "verifier_input": "fea7d2763b4b9e79", "verifier_value": "d7aa0f6d3061344e",
    "key_value": "146e0be7abacd0d6", "integrity_key": "5fb2ad010cb9e1f6",
    "integrity_value": "a0677f02b22c8433",
}  # fmt: skip
"""Block keys of the standard."""


class _Undated(ECMA376Encrypted):
    """The container without the time at which it was made."""

    def _get_directory_entries(self) -> list:
        entries = super()._get_directory_entries()
        for entry in entries:
            entry.CreationTime = entry.ModificationTime = 0
        return entries


def locked_bytes(workbook: bytes, password: str, seed: str) -> bytes:
    """Return a workbook that opens with ``password`` only.

    Parameters
    ----------
    workbook : bytes
        ``.xlsx`` of at least 4,096 bytes: smaller streams would need another container.
    password : str
        Invented; it stands in the demo's key file.
    seed : str
        Decides the salts.
    """
    package_salt, key_salt = _random(seed, "package", 16), _random(seed, "key", 16)
    verifier, secret, integrity = (
        _random(seed, word, size) for word, size in (("verifier", 16), ("secret", 32), ("integrity", 64))
    )
    spun = hashlib.sha512(key_salt + password.encode("utf-16-le")).digest()
    for turn in range(_SPIN):
        spun = hashlib.sha512(pack("<I", turn) + spun).digest()
    package = pack("<Q", len(workbook)) + b"".join(
        _encrypt(secret, _iv(package_salt, pack("<I", number)), workbook[start : start + _SEGMENT])
        for number, start in enumerate(range(0, len(workbook), _SEGMENT))
    )
    code = hmac.new(integrity, package, hashlib.sha512).digest()
    parts = {
        "verifier_input": _encrypt(_key(spun, "verifier_input"), key_salt, verifier),
        "verifier_value": _encrypt(_key(spun, "verifier_value"), key_salt, hashlib.sha512(verifier).digest()),
        "key_value": _encrypt(_key(spun, "key_value"), key_salt, secret),
        "integrity_key": _encrypt(secret, _iv(package_salt, _block("integrity_key")), integrity),
        "integrity_value": _encrypt(secret, _iv(package_salt, _block("integrity_value")), code),
        "package_salt": package_salt,
        "key_salt": key_salt,
    }
    described = pack("<HHI", 4, 4, 0x40) + _describe({name: _text(value) for name, value in parts.items()})
    memory = io.BytesIO()
    _Undated(package, described).write_to(memory)
    return memory.getvalue()


def _describe(parts: dict[str, str]) -> bytes:
    method = (
        'saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" '
        'cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
        f'<encryption xmlns="{_NAMESPACE}/encryption" xmlns:p="{_NAMESPACE}/keyEncryptor/password">'
        f'<keyData {method} saltValue="{parts["package_salt"]}"/>'
        f'<dataIntegrity encryptedHmacKey="{parts["integrity_key"]}"'
        f' encryptedHmacValue="{parts["integrity_value"]}"/>'
        f'<keyEncryptors><keyEncryptor uri="{_NAMESPACE}/keyEncryptor/password">'
        f'<p:encryptedKey spinCount="{_SPIN}" {method} saltValue="{parts["key_salt"]}"'
        f' encryptedVerifierHashInput="{parts["verifier_input"]}"'
        f' encryptedVerifierHashValue="{parts["verifier_value"]}" encryptedKeyValue="{parts["key_value"]}"/>'
        "</keyEncryptor></keyEncryptors></encryption>"
    ).encode()


def _random(seed: str, word: str, size: int) -> bytes:
    return hashlib.shake_256(f"{seed}/{word}".encode()).digest(size)


def _block(name: str) -> bytes:
    return bytes.fromhex(_BLOCKS[name])


def _key(spun: bytes, name: str) -> bytes:
    return hashlib.sha512(spun + _block(name)).digest()[:32]


def _iv(salt: bytes, block: bytes) -> bytes:
    return hashlib.sha512(salt + block).digest()[:16]


def _encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    padded = data + b"\0" * (-len(data) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
