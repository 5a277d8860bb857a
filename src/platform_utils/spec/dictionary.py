"""The data dictionary: the codebook as a page that people read.

Enters: the codebook. Leaves: one Markdown text per language, with every variable, code, label, limit, year
and rule; nothing in it is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from platform_utils.messages import label
from platform_utils.spec import grains
from platform_utils.spec.codebook import Code, Codebook, Derived, Variable, load
from platform_utils.spec.form_columns import form_columns, replaced
from platform_utils.spec.form_of_year import GRAIN

_NOW = 9999
"""A year that has the form of the last one that there is."""


def data_dictionary(lang: str, book: Codebook | None = None) -> str:
    """Return the data dictionary as Markdown.

    Parameters
    ----------
    lang : {"sv", "en"}
        Language of headings, labels and explanations; codes and column names are the same in both.
    book : Codebook, optional
        Definitions; the package's own unless given.

    Returns
    -------
    str
        Markdown, newline at the end.

    Examples
    --------
    >>> data_dictionary("en").splitlines()[0]
    '# Data dictionary'
    """
    book = book or load()
    lines = [f"# {_say('title', lang)}", "", _say("intro", lang), ""]
    lines += [f"## {_say('special', lang)}", "", *_special(book, lang), ""]
    for grain in grains.load().values():
        lines += [f"## {grain.label(lang)}", "", *_variables(book, grain.name, lang), ""]
    lines += [f"## {_say('derived', lang)}", "", _say("derived-intro", lang), "", *_derived(book, lang), ""]
    lines += [f"## {_say('lists', lang)}", "", _say("lists-intro", lang), ""]
    for name in _list_names(book):
        lines += [f"### `{name}`", "", *_codes(book, name, lang), ""]
    return "\n".join(lines)


def _special(book: Codebook, lang: str) -> Iterator[str]:
    yield from _head(lang, "code", "label", "meaning")
    for code in book.special.values():
        yield _row(f"`{code.code}`", code.label(lang), _say(f"special-{code.code.replace('_', '-')}", lang))


def _variables(book: Codebook, grain: str, lang: str) -> Iterator[str]:
    yield from _head(lang, "column", "question", "answer", "asked", "sensitivity", "status", "explanation")
    for variable in book.of_grain(grain):
        column = f"`{variable.name}__*`" if variable.kind == "multi" else f"`{variable.name}`"
        yield _row(
            column,
            variable.label(lang),
            _answer(variable, lang),
            _years(variable.since, variable.until, lang),
            _say(f"sensitivity-{variable.sensitivity}", lang) + (" \\*" if variable.sensitive else ""),
            _say(f"mark-{variable.mark}", lang),
            _explanation(book, variable, lang),
        )


def _answer(variable: Variable, lang: str) -> str:
    text = _say(f"kind-{variable.kind.replace('_', '-')}", lang)
    if variable.codes:
        text += f" `{variable.codes}`"
    if variable.is_number:
        text += f", {variable.minimum or 0}–{variable.maximum}"
    return text


def _explanation(book: Codebook, variable: Variable, lang: str) -> str:
    parts = [variable.help(lang)]
    for name, code in variable.asked_if.items():
        other = book.variable(name)
        parts.append(_say("asked-if", lang, column=name, answer=book.code(other, code).label(lang)))
    if variable.required:
        parts.append(_say("required", lang))
    if variable.optional:
        parts.append(_say("optional", lang))
    if variable.default is not None:
        parts.append(_say("default", lang, value=variable.default))
    asked = replaced(_NOW).get(variable.name, {}) if variable.grain == GRAIN else {}
    if asked and variable.name not in form_columns(GRAIN, _NOW):
        parts.append(_say("replaced", lang, column=", ".join(asked)))
    return " ".join(part for part in parts if part)


def _derived(book: Codebook, lang: str) -> Iterator[str]:
    yield from _head(lang, "column", "label", "answer", "from", "rule")
    for derived in book.derived:
        sources = ", ".join(f"`{name}`" for name in derived.sources)
        yield _row(
            f"`{derived.name}`", derived.label(lang), f"`{derived.codes}`", sources, _rule(derived, lang)
        )


def _rule(derived: Derived, lang: str) -> str:
    if derived.by == "map":
        return "; ".join(f"`{source}` → `{target}`" for source, target in derived.mapping.items())
    if derived.by == "pairs":
        return "; ".join(f"`{first}` + `{second}` → `{target}`" for first, second, target in derived.pairs)
    return _say("rule-parent", lang)


def _list_names(book: Codebook) -> list[str]:
    """Return the lists in the order in which variables first use them; lists of derived variables last."""
    named = [variable.codes for variable in book.variables] + [derived.codes for derived in book.derived]
    return list(dict.fromkeys(["yes_no", *(name for name in named if name is not None)]))


def _codes(book: Codebook, name: str, lang: str) -> Iterator[str]:
    yield from _head(lang, "code", "label", "other", "parent", "asked", "status")
    for code in book.lists[name]:
        yield _row(
            f"`{code.code}`",
            code.label(lang),
            ", ".join((*((code.form.label(lang),) if code.form else ()), *code.aliases)),
            _parent(code, lang),
            _years(code.since, code.until, lang) if code.since or code.until else "",
            _say(f"mark-{code.mark}", lang),
        )


def _parent(code: Code, lang: str) -> str:
    if code.gives:
        return ", ".join(f"`{column}`: `{answer}`" for column, answer in code.gives.items())
    if code.right:
        return _say("right", lang, right=code.right)
    if code.parent is None:
        return ""
    if code.parent_until is None:
        return f"`{code.parent}`"
    year, then = code.parent_until
    return _say("parent-until", lang, then=then, year=year, now=code.parent)


def _years(since: int | None, until: int | None, lang: str) -> str:
    if since is None and until is None:
        return _say("every-year", lang)
    return f"{since or ''}–{until or ''}"


def _head(lang: str, *keys: str) -> Iterator[str]:
    yield _row(*(_say(f"column-{key}", lang) for key in keys))
    yield _row(*("---" for _ in keys))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _say(key: str, lang: str, **fields: object) -> str:
    return label(f"L-dictionary-{key}", lang, **fields)
