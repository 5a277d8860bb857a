"""What a document's front matter says about how it is rendered, and what of it we support.

The front matter of an executed notebook enters, merged over the project's ``_quarto.yml``, and the house
style that stands under it; one frozen `Settings` per format leaves. A key that we do not support is refused
by name, not ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from platform_utils.errors import ContractError

FORMATS = {"html": "html", "pdf": "typst", "docx": "docx"}
"""Quarto's name of each kind of file."""
_OURS = "platform-"

_USED = {
    "title", "subtitle", "author", "lang", "toc", "toc-depth", "toc-title", "number-sections", "running-mark",
    "execute", "format",
}  # fmt: skip
# Read by Quarto or Jupyter alone, or true of the embedded engine whatever they say.
_PASSED_OVER = {"jupyter", "engine", "project", "profile"}
_EXECUTE = {"echo", "warning", "message", "eval", "output", "include", "freeze", "cache", "enabled", "daemon"}


@dataclass(frozen=True)
class Settings:
    """How one document is rendered in one format.

    Parameters
    ----------
    document : str
        Its name, which is a PDF's title where it has no other.
    form : str
        ``"html"``, ``"typst"`` or ``"docx"``.
    lang : str
        Language tag, ``"en"`` if none is given.
    title, subtitle : str
        Markdown; empty if absent.
    authors : tuple of str
        Markdown, one each.
    toc : bool
        Whether there is a contents list.
    toc_depth : int
        Deepest level in the contents list.
    toc_title : str or None
        In place of the language's own word.
    mark : str
        Printed on every page, such as that the figures are invented; empty for none.
    words : mapping of str to str
        What the document says without anybody writing it: ``fig``, ``toc``, ``page``, callout kinds and more.
    name : str
        What a document calls its files, such as ``annual-2023.sv``; empty if it does not say.
    """

    document: str
    form: str
    lang: str
    title: str
    subtitle: str
    authors: tuple[str, ...]
    toc: bool
    number_sections: bool
    toc_depth: int
    toc_title: str | None
    mark: str
    words: Mapping[str, str]
    name: str = ""


def front_matter(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the front matter of a notebook: its first raw cell, if that is YAML.

    Raises
    ------
    ContractError
        E-602 if it is not valid.
    """
    cells = notebook["cells"]
    if not cells or cells[0]["cell_type"] != "raw" or not cells[0]["source"].startswith("---"):
        return {}
    text = cells[0]["source"].strip().removeprefix("---").removesuffix("...").removesuffix("---")
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ContractError("E-602") from None
    if not isinstance(found or {}, dict):
        raise ContractError("E-602")
    return found or {}


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one front matter over another, mapping by mapping."""
    made = dict(below)
    for key, value in above.items():
        old = made.get(key)
        made[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return made


def house_style(assets: Path) -> dict[str, Any]:
    """Return what the house style gives a document in each of its formats, by ``common`` and format."""
    extension = yaml.safe_load((assets / "_extension.yml").read_text(encoding="utf-8"))
    formats: dict[str, Any] = extension["contributes"]["formats"]
    return formats


def settings_for(front: Mapping[str, Any], form: str, document: str, house: Mapping[str, Any]) -> Settings:
    """Return what a front matter means in one format.

    Parameters
    ----------
    front : mapping
        The document's front matter, already merged over the project's.
    form : str
        ``"html"``, ``"typst"`` or ``"docx"``.
    document : str
        The document's name, which is a PDF's title where it has no other.
    house : mapping
        See `house_style`; counts for a document whose formats are those of the house.

    Raises
    ------
    ContractError
        E-601 if a key, or a value of a key with few values, is not supported.
    """
    formats = front.get("format") or {}
    formats = {formats: {}} if isinstance(formats, str) else formats
    for name in formats:
        if name.removeprefix(_OURS) not in FORMATS.values():
            raise ContractError("E-601", feature=f"format: {name}")
    own = {name: keys if isinstance(keys, dict) else {} for name, keys in formats.items()}
    flat = merged(
        {key: value for key, value in front.items() if key != "format"},
        own.get(_OURS + form, own.get(form, {})),
    )
    for keys in (*own.values(), flat):
        _check_keys(keys)
    words = house["common"]["house-words"]
    if any(name.startswith(_OURS) for name in formats):
        flat = merged(merged(house["common"], house[form]), flat)
    lang = str(flat.get("lang") or "en")
    return Settings(
        document=document,
        form=form,
        lang=lang,
        title=_text(flat.get("title")),
        subtitle=_text(flat.get("subtitle")),
        authors=_authors(flat.get("author")),
        toc=flat.get("toc") is True,
        number_sections=flat.get("number-sections") is True,
        toc_depth=int(flat.get("toc-depth", 3)),
        toc_title=flat.get("toc-title"),
        mark=_text(flat.get("running-mark")),
        words=words.get(lang[:2], words["en"]),
    )


def _check_keys(flat: Mapping[str, Any]) -> None:
    refused = [f"{key}:" for key in flat if key not in _USED | _PASSED_OVER]
    refused += [f"execute: {key}:" for key in flat.get("execute") or {} if key not in _EXECUTE]
    if refused:
        raise ContractError("E-601", feature=refused[0])


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _authors(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(name, str) for name in names):
        raise ContractError("E-601", feature="author: affiliation")
    return tuple(names)
