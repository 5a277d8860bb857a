"""Files as JupyterLab sees them: notebooks of the production can be opened and run, and copied to explore.

Enters: requests of the server. Leaves: files below ``notebooks/explore``, which git ignores; nothing else
is ever written, so that a line typed into one notebook stops nobody's year.
"""

from __future__ import annotations

import posixpath
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

from platform_utils.config import load_settings
from platform_utils.messages import text
from platform_utils.paths import EXPLORE

EXPLORED = ("fraga_om_polisanmalan.ipynb", "who_reports_to_the_police.ipynb")


class DeskContents(AsyncLargeFileManager):
    """Whatever stands outside the folder to think in is read-only; a copy of it goes there."""

    def is_writable(self, path: str) -> bool:
        """Say whether a file may be saved under its name."""
        return _is_free(path) and super().is_writable(path)

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save a file of the folder to think in."""
        self._require_free(path)
        return await super().save(model, path)

    async def delete_file(self, path: str) -> None:
        """Delete a file of the folder to think in."""
        self._require_free(path)
        await super().delete_file(path)

    async def rename_file(self, old_path: str, new_path: str) -> None:
        """Rename a file of the folder to think in."""
        for path in (old_path, new_path):
            self._require_free(path)
        await super().rename_file(old_path, new_path)

    async def copy(self, from_path: str, to_path: str | None = None) -> Any:
        """Copy a notebook; one that is read-only to the folder to think in."""
        return await super().copy(from_path, to_path if to_path and _is_free(to_path) else EXPLORE)

    async def new_untitled(self, path: str = "", type: str = "", ext: str = "") -> Any:  # noqa: A002 - theirs
        """Begin a file in the folder to think in."""
        return await super().new_untitled(path if _is_free(path) else EXPLORE, type, ext)

    def _require_free(self, path: str) -> None:
        if not _is_free(path):
            name = path.strip("/").rpartition("/")[2]
            raise HTTPError(403, text("E-521", load_settings().lang, document=name, folder=EXPLORE))


def _is_free(path: str) -> bool:
    folder, *below = posixpath.normpath(path.strip("/")).split("/")
    return folder == EXPLORE and "/".join(below) not in EXPLORED
