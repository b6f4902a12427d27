"""Whatever it is given, the command line says a line, or takes what a plain reading calls sound."""

import contextlib
import gzip
import io
import json
import math
import tempfile
import warnings
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lowcap
from lowcap.cli import main
from lowcap.data.sources import FILES
from lowcap.errors import LowcapError
from lowcap.runs import environment
from lowcap.runs.store import record_text
from lowcap.studies import NAMES, settings_of, study
from tests.data.test_idx import idx
from tests.overheard import overheard

ODD = [
    *("0", "-1", "1", "2", "3", "64", "nan", "inf", "1e9", "9" * 23, "1000000", "0.5", "1.5"),
    *("٤", "x", "", "--", "\0", "é" * 300, "4-9", "9-4", "٤-٩", "4-4", "1-17", "all"),
    *("mnist-5k", "mnsit", "a.npz", "~nobody/x", "fully connected", "corrected", "published"),
    *("adam", "each layer, rounded"),
]
"""What options are given."""


class Accepted(Exception):
    """Settings, or a record, with which work was about to begin."""


@pytest.fixture(scope="module", autouse=True)
def no_work():
    """Stop where work would begin: what is tested is over by then."""

    def stop(*given, **_):
        raise Accepted(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "Store", stop)
        patch.setenv("LOWCAP_DATA", "")
        patch.setattr("lowcap.data.sources.fetch", stop)
        yield


RECORD = record_text(
    {
        "study": "pairs",
        "settings": asdict(settings_of("pairs")()),
        "data": [{"name": "mnist-5k", "sha256": "0" * 64}],
        **environment(),
    }
).encode()


@st.composite
def own_images(draw) -> bytes:
    """An ``.npz`` that may be sound: odd types, shapes and labels, then odd bytes."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    count = draw(st.sampled_from([1, 12, 12, 12, 12, 13]))
    sides = draw(st.sampled_from([(3, 3), (3, 3), (3, 3), (2, 3, 3), (3, 2, 9), (), (0, 3), (5,)]))

    def some(count: int, prefix: str) -> dict[str, np.ndarray]:
        kind = draw(st.sampled_from(["u1", "u1", "u1", "f4", "f8", "f2", "i8", "?", "c8", "U1"]))
        bright = draw(st.sampled_from([0, 1, 1, 1, 200, np.nan]))
        values = rng.random((count, *sides)) * (255 if kind == "u1" else 1) * bright
        with np.errstate(all="ignore"):
            images = values.astype(kind)
        kind = draw(st.sampled_from(["i8", "i8", "i8", "u1", "u8", "m8[s]", "?", "f4", "U2"]))
        most = draw(st.sampled_from([1, 2, 2, 2, 3]))
        labels = np.arange(draw(st.sampled_from([count, count, count, 3]))) % most
        labels = labels + draw(st.sampled_from([0, 0, 0, 0, -1, 7, 2**40, 2**63 - 9]))
        return {f"{prefix}images": images, f"{prefix}labels": labels.astype(kind)}

    arrays = some(count, "")
    if draw(st.booleans()):
        arrays |= some(5, "test_")
    for name in draw(st.sampled_from([(), (), (), ("labels",), ("test_images",)])):
        arrays.pop(name, None)
    buffer = io.BytesIO()
    save = draw(st.sampled_from([np.savez, np.savez_compressed]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        save(buffer, **arrays)
    return draw(damaged(st.just(buffer.getvalue())))


@st.composite
def damaged(draw, files: st.SearchStrategy[bytes]) -> bytes:
    """A file with some bytes overwritten, taken out or put in; or cut short; or as it was."""
    data = bytearray(draw(files))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        piece = draw(st.binary(max_size=4))
        data[place : place + draw(st.integers(0, 4))] = piece
    return bytes(data[: len(data) - draw(st.sampled_from([0, 0, 0, 1, 40]))])


@st.composite
def command_lines(draw) -> list[str]:
    """A run of some study with some options of its own, odd and other."""
    name = draw(st.sampled_from([*NAMES]))
    options = [field.name.replace("_", "-") for field in fields(settings_of(name))]
    options = [*(set(options) - {"extra", "dataset"}), "workers", "memory", "out", "data-dir"]
    line = ["run", name, "--dataset", draw(st.sampled_from(["mnist-5k"] * 9 + ODD))]
    for option in draw(st.lists(st.sampled_from(sorted(options)), max_size=3, unique=True)):
        values = draw(st.lists(st.sampled_from(ODD), min_size=1, max_size=2))
        line += [f"--{option}", *values]
    return line


inputs = st.one_of(
    st.tuples(st.just("images"), own_images()),
    st.tuples(st.just("options"), command_lines()),
    st.tuples(st.just("record"), damaged(st.just(RECORD))),
    st.tuples(st.just("idx"), damaged(st.just(idx(np.zeros((4, 3, 3), np.uint8))))),
)


def told(arguments: list[str]) -> tuple[int, str]:
    """Call the program: its status, and what it says of errors; nothing else comes out of it."""
    with overheard() as (said, errors):
        try:
            status = main(arguments)
        except SystemExit as usage:
            status = int(usage.code or 0)
    assert "Traceback" not in errors.getvalue()
    if status == 2:  # a box that tells how options are written
        return status, ""
    if status:
        lines = errors.getvalue().strip().splitlines()
        assert len(lines) == 1 or arguments[0] == "verify"  # a line for each thing that is wrong
        assert all(line.startswith("lowcap: ") for line in lines)
        assert status == 1
    return status, said.getvalue()


def is_sound(path: Path) -> bool:
    """Whether networks could learn from a file, as NumPy reads it."""
    stored = np.load(path, allow_pickle=False)
    parts = [("images", "labels")]
    if "test_images" in stored or "test_labels" in stored:
        parts.append(("test_images", "test_labels"))
    for images, labels in ((stored[one], stored[other]) for one, other in parts):
        values = images.real.astype(float)
        least, most = (0, 255) if images.dtype == np.uint8 else (0.0, 1.0)
        if not (
            len(images) == len(labels)
            and images[0].size > 0
            and images.dtype.kind in ("u", "f")
            and values.min() >= least
            and values.max() <= most
            and (len(images) == 1 or np.ptp(values, axis=0).any())
            and labels.dtype.kind in ("i", "u")
            and min(labels.tolist()) >= 0
            and max(labels.tolist()) <= 10**6
        ):
            return False
    labels = set(stored["labels"].tolist())
    return len(labels) > 1 and ("test_labels" not in stored or labels >= {*stored["test_labels"]})


def is_sensible(settings) -> bool:
    """Whether each value is one that a run can be made with."""
    for field in fields(settings):
        given = getattr(settings, field.name)
        values = given if isinstance(given, tuple) else (given,)
        if len(set(values)) < len(values):
            return False
        for value in values:
            if isinstance(value, float) and not math.isfinite(value):
                return False
            if isinstance(value, int) and not 1 <= value <= 10**9:
                return False
    return True


def is_whole(path: Path) -> bool:
    """Whether NumPy reads what is sound, and enough of each class to hold some out for the test."""
    try:
        if not is_sound(path):
            return False
        stored = np.load(path, allow_pickle=False)
        counts = np.unique(stored["labels"], return_counts=True)[1]
        return "test_images" in stored or (counts.min() > 1 and len(stored["labels"]) > 4)
    except Exception:
        return False


def check(kind: str, given, folder: Path) -> None:
    """Call the program with one input, and hold what it says against a plain reading of it."""
    if kind == "images":
        path = folder / "own.npz"
        path.write_bytes(given)
        status, said = told(["data", "check", str(path)])
        assert status == 0 if is_whole(path) else status == 1
        assert status == 1 or f"{path.stem}: whole;" in said
    elif kind == "idx":
        for name in FILES.values():
            (folder / name).write_bytes(gzip.compress(given))
        assert told(["data", "check", "mnist", "--data-dir", str(folder)])[0] == 1
    elif kind == "options":
        asked = []
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Accepted):
            patch.chdir(folder)
            usual = study.check_room
            patch.setattr(study, "check_room", lambda *a: asked.append(a[1]) or usual(*a))
            assert told(given)[0] in (1, 2)
            return
        assert is_sensible(asked[0])
    else:
        (folder / "run.json").write_bytes(given)
        assert told(["verify", str(folder)])[0] == 1
        assert told(["explore", str(folder)])[0] == 1
        try:
            lowcap.open(folder)
        except LowcapError:
            return
        assert json.loads(given) == json.loads(RECORD)


def tried(one) -> None:
    kind, given = one
    with tempfile.TemporaryDirectory() as folder:
        check(kind, given, Path(folder))


@given(inputs)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_odd_input_is_a_line_or_sound(one):
    tried(one)


@pytest.mark.long
@given(inputs)
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
def test_a_thousand_odd_inputs(one):
    tried(one)
