"""Parquet files of any length: a bounded number of rows is kept."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lowcap.errors import DataError
from lowcap.small.table.checks import check_names
from lowcap.small.table.sampling import chosen
from lowcap.small.table.text import Limits, Rows


def read_parquet(path: Path, limits: Limits, generator: np.random.Generator) -> Rows:
    """Read a Parquet file as pandas does, a batch at a time.

    Raises:
        DataError: the file is no such Parquet.
    """
    try:
        with pq.ParquetFile(path) as file:
            total, schema = file.metadata.num_rows, file.schema_arrow
            kept = chosen(total, limits.most(len(schema)), generator)
            batches, start = [], 0
            for batch in file.iter_batches(limits.chunk):
                here = kept[
                    np.searchsorted(kept, start) : np.searchsorted(kept, start + len(batch))
                ]
                batches.append(batch.take(pa.array(here - start)))
                start += len(batch)
        table = pa.Table.from_batches(batches, schema).to_pandas()
    except (pa.ArrowException, ValueError, TypeError, NotImplementedError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path}: cannot be read as Parquet ({first})") from error
    names = [str(name) for name in table.columns]
    check_names(names, str(path))
    return Rows(table.set_axis(names, axis=1).set_axis(kept + 1, axis=0), total)
