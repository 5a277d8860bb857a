"""Make a year again in an empty folder, with nothing of what was made before.

Enters: a workspace and a release. Leaves: the files of a release, rebuilt; and the level: ``"rows"`` while
the year's returns exist, ``"tables"`` after.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping

from platform_utils.lock import one_writer
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace, folder_for_a_while, make_folder, write_whole
from platform_utils.release.contents import LEDGER, collect, reports_among
from platform_utils.release.freeze import Release
from platform_utils.workflow import Node, annual_nodes, report_nodes, run_nodes

_TREES = ("_extensions", "notebooks", "reports")
_FILES = ("_quarto.yml", "requirements.lock", "pyproject.toml", "LICENSE", "CITATION.cff", "README.md", "src")
_NEEDED = re.compile(r"node:(?:clean|count)/([0-9]{4})")


def rebuild(
    workspace: Workspace, release: Release, kept: Mapping[str, bytes], *, workers: int
) -> tuple[dict[str, bytes], str]:
    """Rebuild a release and return its files and the level.

    The returns count only while they are all there: those of every year that the release read. Without them
    the protected tables among ``kept``, the release's own files, are used.

    Returns
    -------
    files : dict of str to bytes
        As `collect` gives them.
    level : {"rows", "tables"}

    Raises
    ------
    FileError
        E-011 while somebody else writes to the workspace.
    PlatformError
        The first failure of a node.
    """
    # the folder holds copies of returns, so it stands among what is restricted, where the next writer removes
    # it if we are killed: so we are a writer too
    restricted = workspace.restricted(release.source, release.year)
    with one_writer(workspace), folder_for_a_while(restricted) as folder:
        empty = Workspace(folder)
        lay_out(workspace, empty)
        read = _years_read(release, kept)
        level = "rows" if all(_is_whole(workspace, release.source, year) for year in read) else "tables"
        if level == "rows":
            _copy_rows(workspace, empty, release, read)
        _lay_tables(empty, release, kept, without=read if level == "rows" else ())
        if LEDGER in kept:
            write_whole(empty.ledger(release.source), kept[LEDGER])
        nodes = nodes_of(empty, release, kept, level)
        for error in run_nodes(nodes, empty, release.source, workers=workers).failed.values():
            raise error
        return collect(empty, release.source, release.year), level


def lay_out(workspace: Workspace, empty: Workspace) -> None:
    """Copy into an empty folder what a rebuild starts from, but for returns and tables."""
    for name in (*_TREES, *_FILES):
        path = workspace.root / name
        if path.is_dir():
            shutil.copytree(
                path, empty.root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            )
        elif path.is_file():
            shutil.copy2(path, empty.root / name)
    if workspace.published.is_dir():
        shutil.copytree(workspace.published, empty.published)


def _years_read(release: Release, kept: Mapping[str, bytes]) -> tuple[int, ...]:
    """Return the years whose returns a release was made from."""
    manifests = (json.loads(content) for name, content in kept.items() if name.startswith("manifests/"))
    found = (_NEEDED.fullmatch(name) for manifest in manifests for name in manifest["inputs"])
    return tuple(sorted({release.year, *(int(match[1]) for match in found if match)}))


def _is_whole(workspace: Workspace, source: str, year: int) -> bool:
    """Say whether a year's returns are there, with each file that counts."""
    try:
        listed = workspace.receipts(source, year).read_text(encoding="utf-8")
        receipts = tomllib.loads(listed).get("receipt", [])
    except (OSError, ValueError):
        return False
    returns = workspace.returns(source, year)
    return all((returns / each["file"]).is_file() for each in receipts if each["status"] == "current")


def _copy_rows(workspace: Workspace, empty: Workspace, release: Release, years: tuple[int, ...]) -> None:
    for year in years:
        shutil.copytree(workspace.returns(release.source, year), empty.returns(release.source, year))
    for edition in range(1, int(release.id.rpartition("-")[2])):
        kept = workspace.released_rows(release.source, release.year, edition)
        if kept.is_dir():
            shutil.copytree(kept, empty.released_rows(release.source, release.year, edition))


def _lay_tables(
    empty: Workspace, release: Release, kept: Mapping[str, bytes], *, without: tuple[int, ...]
) -> None:
    for name, content in kept.items():
        if name.startswith(("tables/", "texts/")):
            kind, year, file = name.split("/")
            if int(year) in without:
                continue
            tables = empty.controlled(release.source, int(year)) / "tables"
            path = (tables if kind == "tables" else empty.own_words(release.source, int(year))) / file
            make_folder(path.parent)
            path.write_bytes(content)


def nodes_of(workspace: Workspace, release: Release, kept: Mapping[str, bytes], level: str) -> list[Node]:
    """Return the nodes that made a release, as they would run now, from rows or from tables."""
    years = _years_read(release, kept)
    names = (name.removeprefix("reports/") for name in kept if name.startswith("reports/"))
    made = reports_among(names, release.year)
    lang = min((lang for _, lang, _ in made), default=LANGUAGES[0])  # of notebooks: no part of a release
    nodes = annual_nodes(workspace, release.source, years, lang) if level == "rows" else []
    for report, lang, formats in made:
        nodes += report_nodes(
            workspace, report, (release.year,), source=release.source, langs=(lang,), formats=formats,
            engine="embedded",
        )  # fmt: skip
    return list({node.name: node for node in nodes}.values())
