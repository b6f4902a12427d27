"""Damaged files through the command line: one line and nothing written, or the rows as they are."""

import io
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowcap.cli import main
from lowcap.small import run
from lowcap.small.request import Request
from tests.overheard import overheard
from tests.small.test_odd_tables import agrees_with_pandas, frames, mutated

MINIMAL = ["--sizes", "0", "1", "--folds", "2", "--repeats", "1", "--minutes", "0.01"]


class Accepted(Exception):
    """A table that was about to be learned from."""


@pytest.fixture(scope="module", autouse=True)
def no_search():
    """Stop where training would begin: what is tested is over by then."""

    def stop(task, *_, **__):
        raise Accepted(task)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "search", stop)
        yield


def parquet(table: pd.DataFrame) -> bytes:
    """The table as Parquet; nothing where pandas cannot write it."""
    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer)
    except Exception:
        return b""
    return buffer.getvalue()


@st.composite
def arrays(draw) -> bytes:
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    shape = (draw(st.sampled_from([0, 1, 6, 12])), *draw(st.lists(st.integers(1, 3), max_size=3)))
    kind = draw(st.sampled_from(["u1", "f4", "i8", "U1", "c8", "?"]))
    x = rng.random(shape) * (255 if kind == "u1" else 1)
    if x.size and kind == "f4":
        x.flat[0] = draw(st.sampled_from([0.5, np.nan, np.inf, -1.0]))
    names = draw(st.sampled_from([("x", "y"), ("images", "labels"), ("x", "labels")]))
    labels = rng.integers(0, 2, draw(st.sampled_from([len(x), len(x), 3])))
    buffer = io.BytesIO()
    np.savez(buffer, **dict(zip(names, (x.astype(kind), labels), strict=True)))
    return buffer.getvalue()


@st.composite
def damaged(draw, files: st.SearchStrategy[bytes]) -> bytes:
    """A file with some bytes overwritten, or cut short."""
    data = bytearray(draw(files))
    for _ in range(draw(st.integers(0, 3))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: len(data) - draw(st.sampled_from([0, 0, 0, 1, 40]))])


FILES = {
    "csv": st.one_of(mutated(), frames().map(lambda table: table.to_csv(index=False).encode())),
    "parquet": damaged(frames().map(parquet)),
    "npz": damaged(arrays()),
}


@st.composite
def bad_files(draw) -> tuple[str, bytes]:
    """A form and the content of a file of it."""
    form = draw(st.sampled_from(["csv", "csv", "parquet", "npz"]))
    return form, draw(FILES[form])


def test_a_damaged_parquet_whose_error_has_two_lines(tmp_path):
    table = pd.DataFrame({"a": [1.0, 2.0], "y": [0, 1]})
    data = bytearray(parquet(table))
    for place in range(len(data) - 60, len(data) - 8):  # its footer
        data[place] ^= 255
    told("parquet", bytes(data))


def told(form: str, data: bytes) -> None:
    """Call the program on such a file: it refuses in a line, or the rows are those of pandas."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / f"bad.{form}", Path(folder) / "out"
        path.write_bytes(data)
        target = [] if form == "npz" else ["--target", "y"]
        with overheard() as (said, errors):
            try:
                code = main(["small", str(path), *target, *MINIMAL, "--out", str(out)])
            except Accepted as accepted:
                task = accepted.args[0]
                assert np.isfinite(task.x.astype(float)).all()
                assert np.isfinite(task.y.astype(float)).all()
                assert len(np.unique(task.y)) > 1
                assert errors.getvalue() == ""
                if form == "csv":
                    source = Request(str(path), "y").read()
                    agrees_with_pandas(source, data)
                    # None of the rows is dropped in silence.
                    words = " ".join(said.getvalue().split())
                    aside, of = re.search(r"(\d+) of (\d+) rows put aside", words).groups()
                    assert len(task.y) + int(aside) == int(of) == len(source.target)
                return
        lines = errors.getvalue().strip().splitlines()
        assert code == 1
        assert len(lines) == 1, lines
        assert lines[0].startswith("lowcap: ")
        assert {entry.name for entry in Path(folder).iterdir()} == {path.name}


@given(bad_files())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_is_a_line_or_its_own_rows(file):
    told(*file)


@pytest.mark.long
@given(bad_files())
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
def test_a_thousand_damaged_files(file):
    told(*file)
