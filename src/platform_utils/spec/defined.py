"""What the codebook names is defined in it: its words are its own.

Enters: a codebook as read. Leaves: nothing, or a refusal with file and key.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from platform_utils.spec import grains
from platform_utils.spec.entries import require_known
from platform_utils.spec.form_of_year import GRAIN

if TYPE_CHECKING:
    from platform_utils.spec.codebook import Codebook, Derived, Variable


def require_defined(book: Codebook) -> None:
    """Refuse variables, lists and codes that nothing defines.

    Raises
    ------
    SettingsError
        E-010 with file and key.
    """
    every = {code.code for codes in book.lists.values() for code in codes}
    for name, codes in book.lists.items():
        parents = Counter(code.parent for code in codes if code.parent)
        # a group without a code of its own
        groups = {parent for parent, count in parents.items() if count > 1}
        for code in codes:
            named = [code.parent, code.parent_until[1] if code.parent_until else None]
            where = f"{name}.{code.code}.parent"
            require_known([one for one in named if one], every | groups, "codes.toml", where)
        common, rights = book.common.get(name, ()), {code.right for code in codes if code.right}
        require_known(common, {code.code for code in codes}, "codes.toml", f"{name}.common")
        known = {code.code for code in book.lists["right_unmet"]}
        require_known(rights, known, "codes.toml", f"{name}.right")
    names = {variable.name for variable in book.variables} | {rule.name for rule in book.derived}
    for variable in book.variables:
        file, where = "variables.toml", variable.name
        require_known([variable.grain], grains.load(), file, f"{where}.grain")
        _check_list(book, variable, file, is_needed=variable.kind in ("code", "multi"))
        for other, answer in variable.asked_if.items():
            require_known([other], names, file, f"{where}.asked_if")
            require_known([answer], _codes(book, other), file, f"{where}.asked_if.{other}")
        opened = [*variable.open_if, *([variable.none_if] if variable.none_if else [])]
        require_known(opened, book.grain_columns(variable.grain), file, where)
        for said, denied in variable.never.items():
            require_known([said], _codes(book, variable.name), file, f"{where}.never")
            require_known(denied, names, file, f"{where}.never.{said}")
    columns = book.grain_columns(GRAIN)
    for variable in book.of_grain(GRAIN):
        for code in book.codes(variable):
            require_known(code.gives, columns, "codes.toml", f"{variable.codes}.{code.code}.gives")
    for name, said, other, implied in book.implied():
        file, where = "codes.toml", f"{name}.{said}.implies"
        require_known([other], names, file, where)
        require_known([implied], _codes(book, other), file, f"{where}.{other}")
    for rule in book.derived:
        file, where = "derived.toml", rule.name
        _check_list(book, rule, file, is_needed=True)
        require_known(rule.sources, names, file, f"{where}.from")
        answers = [_codes(book, source) for source in rule.sources]
        own = _codes(book, rule.name)
        require_known(rule.mapping, answers[0], file, f"{where}.map")
        require_known(rule.mapping.values(), own, file, f"{where}.map")
        for *given, made in rule.pairs:
            require_known([made], own, file, f"{where}.pairs")
            for one, codes_of in zip(given, answers, strict=True):
                require_known([one], {"*", *codes_of}, file, f"{where}.pairs")


def _check_list(book: Codebook, variable: Variable | Derived, file: str, *, is_needed: bool) -> None:
    if is_needed or variable.codes is not None:
        require_known([variable.codes or ""], book.lists, file, f"{variable.name}.codes")


def _codes(book: Codebook, name: str) -> set[str]:
    return {code.code for code in book.codes(book.variable(name))} | set(book.special)
