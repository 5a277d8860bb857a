"""What makes a safe object safe: it opens only if this process's gate sealed exactly this content.

Enters: immutable content from ``protect`` or from a file in the gate's record. Leaves: a sealed object.
Construction, subclassing, copying, pickling, replacing and editing are refused; an object forged with
``object.__new__`` has no seal that fits its content, and refuses to open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import ClassVar, NoReturn, Protocol, Self, TypeVar, cast

from platform_utils.errors import DisclosureError

__all__ = ["Sealed"]

_KEY = secrets.token_bytes(32)
"""New in every process: a seal cannot be carried in from elsewhere. It never reaches an output."""


class _Canonical(Protocol):
    def canonical(self) -> str: ...


_Content = TypeVar("_Content", bound=_Canonical)


class Sealed:
    """Base of ``SafeTable`` and ``SafeEstimate``.

    Raises
    ------
    DisclosureError
        E-410 when constructed or forged; E-413 when copied, pickled, replaced, edited or subclassed.
    """

    __slots__ = ("_content", "_seal")
    _content: _Canonical
    _seal: bytes
    _kinds: ClassVar[tuple[str, ...]] = ("SafeTable", "SafeEstimate")

    def __new__(cls, *_args: object, **_fields: object) -> Self:
        """Refuse: only the gate makes one."""
        raise DisclosureError("E-410", kind=cls.__name__)

    def __init_subclass__(cls) -> None:
        if cls.__name__ not in Sealed._kinds or not cls.__module__.startswith("platform_utils.spec."):
            raise DisclosureError("E-413", kind=cls.__mro__[1].__name__)

    @classmethod
    def seal_up(cls, content: _Canonical) -> Self:
        """Return a sealed object; called by ``protect.issue`` and by ``read`` only (a test shows it)."""
        made = object.__new__(cls)
        object.__setattr__(made, "_content", content)
        object.__setattr__(made, "_seal", _seal_of(cls, content))
        return made

    def _opened(self, kind: type[_Content]) -> _Content:
        try:
            content, seal = self._content, self._seal
            fits = type(content) is kind and hmac.compare_digest(seal, _seal_of(type(self), content))
        except (AttributeError, TypeError, ValueError) as error:
            raise DisclosureError("E-410", kind=type(self).__name__) from error
        if not fits:
            raise DisclosureError("E-410", kind=type(self).__name__)
        return cast("_Content", content)

    def _refuse(self, *_args: object, **_fields: object) -> NoReturn:
        raise DisclosureError("E-413", kind=type(self).__name__)

    __copy__ = __deepcopy__ = __replace__ = __reduce__ = __reduce_ex__ = __getstate__ = _refuse  # type: ignore[assignment]
    __setstate__ = __delattr__ = _refuse  # type: ignore[assignment]


def _seal_of(kind: type, content: _Canonical) -> bytes:
    text = f"{kind.__module__}.{kind.__qualname__}\n{content.canonical()}"
    return hmac.new(_KEY, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
