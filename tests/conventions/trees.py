"""Modules as syntax trees, each parsed once for all that ask in one process."""

import ast
from functools import cache


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))
