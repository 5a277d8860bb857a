"""Workbooks out and in: the form that members fill in, and the returns that come back."""

from platform_utils.returns.template import write_template

__all__ = ["write_template"]
