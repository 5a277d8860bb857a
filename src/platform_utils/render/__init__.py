"""Stage render: an executed notebook becomes HTML, PDF and DOCX that say the same.

An executed ``.ipynb`` enters; files leave. Nothing is executed here, nothing is asked of other hosts, and
the same input gives the same bytes.
"""

from __future__ import annotations

from platform_utils.render.quarto_engine import finish_outputs
from platform_utils.render.render import render, render_page

__all__ = ["finish_outputs", "render", "render_page"]
