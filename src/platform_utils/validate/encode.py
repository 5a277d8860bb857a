"""Turn a column of cells into its distinct texts and where each stands: all judging is done on those."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["encode"]


def encode(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the position of each cell's text among the distinct texts, and the distinct texts.

    A thousand rows of yes and no hold two texts; whoever judges texts instead of cells is as fast as the
    number of spellings is small. Dictionary-encoded (categorical) columns are taken as they are.

    Parameters
    ----------
    values : Series of str
        Cells; a missing one counts as an empty text.

    Returns
    -------
    positions : ndarray of int, shape (n_rows,)
        Index into ``texts``.
    texts : list of str
        Distinct texts, in order of appearance.

    Examples
    --------
    >>> encode(pd.Series(["ja", "", "ja"], dtype="str"))
    (array([0, 1, 0]), ['ja', ''])
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts = [str(text) for text in values.cat.categories]
        positions = values.cat.codes.to_numpy().astype(np.int64)
        if (positions < 0).any():
            positions = np.where(positions < 0, len(texts), positions)
            texts.append("")
        return positions, texts
    arrow = _as_arrow(values).dictionary_encode(null_encoding="encode")
    texts = ["" if text is None else text for text in arrow.dictionary.to_pylist()]
    return arrow.indices.to_numpy(zero_copy_only=False).astype(np.int64), texts


def _as_arrow(values: pd.Series) -> pa.Array:
    convert = getattr(values.array, "__arrow_array__", None)
    arrow = convert() if convert is not None else pa.array(values.astype("str").array, from_pandas=True)
    return arrow.combine_chunks() if isinstance(arrow, pa.ChunkedArray) else arrow
