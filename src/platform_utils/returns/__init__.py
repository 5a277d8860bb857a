"""Workbooks out and in: the form that members fill in, and the returns that come back."""

from platform_utils.returns.column_maps import column_map
from platform_utils.returns.read import read_batches, read_return
from platform_utils.returns.template import write_template

__all__ = ["column_map", "read_batches", "read_return", "write_template"]
