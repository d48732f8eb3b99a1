"""Tables: a DataFrame if pandas is installed, else plain Python with the same columns."""
from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Union

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Records = List[Dict[str, Any]]
Columns = Dict[str, "NDArray[Any]"]


def has_pandas() -> bool:
    """Whether pandas is installed; it is imported only when a table is made."""
    return importlib.util.find_spec("pandas") is not None


def from_columns(columns: Mapping[str, Any]) -> Union[Columns, Any]:
    """A DataFrame, or a dict of arrays; with both, ``table["loss"]`` is a column."""
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    if has_pandas():
        import pandas

        return pandas.DataFrame(arrays)
    return arrays


def from_records(records: Records) -> Union[Records, Any]:
    """A DataFrame, or the records themselves."""
    if has_pandas():
        import pandas

        return pandas.DataFrame(records)
    return records


_TEXTS = ("part", "shape", "class", "measure")  # columns of the library's tables; the others are numbers


def from_csv(text: str) -> Union[Records, Any]:
    """The table of a CSV text of the library, whose numbers keep their bits; a number that is missing
    is NaN."""
    import csv
    import io

    return from_records([{name: cell if name in _TEXTS else _number(cell) for name, cell in row.items()}
                         for row in csv.DictReader(io.StringIO(text))])


def _number(cell: str) -> Union[int, float]:
    try:
        return int(cell)
    except ValueError:
        return float(cell or "nan")
