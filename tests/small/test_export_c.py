"""The C code against the reference, by the host's compiler."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from lowcap.networks import Dense, Network
from lowcap.small.export.c_parts import expected, flash_bytes
from lowcap.small.export.c_text import comment, quoted
from lowcap.small.export.coding import float_coding
from lowcap.small.export.export_c import model_header, vectors_header
from lowcap.small.export.packing import gapped, mapped, pack, unpack
from lowcap.small.export.quantise import quantise
from lowcap.small.model import Column, SmallModel
from tests.small.made import WEIRD, extreme, made

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler cc")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
SANE = ("-O0", "-fsanitize=undefined,address", "-fno-sanitize-recover=all")


@needs_cc
def test_the_program_in_the_documents_compiles_and_tells_flowers_apart(tmp_path):
    """On a network of the same columns as that of `lowcap small iris`, trained in no time."""
    text = (Path(__file__).parents[2] / "docs" / "how-to" / "export.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```c\n(.*?)^```", text, re.S | re.M)
    flowers = load_iris(as_frame=True)
    table, target = flowers.data, flowers.target
    mean, scale = table.mean(), table.std(ddof=0)
    linear = LogisticRegression().fit((table - mean) / scale, target)
    columns = tuple(Column(n, "number", mean[n], mean[n], scale[n]) for n in table.columns)
    params = {"w1": linear.coef_, "b1": linear.intercept_}
    network = Network(Dense(4, (), 3), params, "classes")
    names = tuple(str(name) for name in flowers.target_names)
    exported = quantise(SmallModel(columns, network, names), table)
    header = model_header(exported)
    (tmp_path / "model.h").write_text(header, encoding="utf-8")
    shifts = re.findall(r"value \* 2\^(\d+), rounded", header)
    assert f"= {{{', '.join(shifts)}}};" in program
    given = re.search(r"flower\[MODEL_COLUMNS\] = \{(.*?)\};", program)
    assert given is not None
    assert [float(one) for one in given[1].split(",")] == table.iloc[0].tolist()
    for row in (0, 60, 120):
        values = ", ".join(map(str, table.iloc[row]))
        (tmp_path / "main.c").write_text(program.replace(given[1], values), encoding="utf-8")
        command = ["cc", *STRICT, *SANE, "main.c", "-o", "flower"]
        subprocess.run(command, cwd=tmp_path, check=True)
        said = subprocess.run([tmp_path / "flower"], capture_output=True, text=True, check=True)
        assert said.stdout.strip() == names[target[row]] == exported.predict(table.iloc[[row]])[0]


def run_all(folder, exported, flags=SANE) -> list[int]:
    """Each model's mismatches, of one program that holds them all."""
    sources, calls, names = [], [], []
    for number, (model, rows) in enumerate(exported):
        home = folder / f"m{number}"
        home.mkdir(parents=True)
        (home / "model.h").write_text(model_header(model), encoding="utf-8", newline="")
        vectors = vectors_header(model, rows, limit=20_000)
        (home / "test_vectors.h").write_text(vectors, encoding="utf-8", newline="")
        source = folder / f"m{number}.c"
        source.write_text(
            f'#include "m{number}/test_vectors.h"\n'
            f"unsigned run{number}(void);\n"
            f"unsigned run{number}(void) {{ return model_mismatches(); }}\n"
        )
        sources.append(source.name)
        names.append(f"unsigned run{number}(void);")
        calls.append(f'    printf("%u\\n", run{number}());')
    main = "\n".join(
        ["#include <stdio.h>", *names, "int main(void) {", *calls, "    return 0;\n}\n"]
    )
    (folder / "main.c").write_text(main)
    command = ["cc", *STRICT, *flags, "main.c", *sources, "-o", "all"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[:2000]
    ran = subprocess.run(["./all"], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[:2000]
    return [int(line) for line in ran.stdout.split()]


@needs_cc
def test_c_in_whole_numbers_equals_the_reference_bit_for_bit(tmp_path):
    exported = []
    for seed in range(20):
        model, table = made(seed)
        exported.append((quantise(model, table), extreme(model, table)))
    assert run_all(tmp_path, exported) == [0] * 20
    forms = {quantised.coding.form for quantised, _ in exported}
    assert forms == {"bytes", "numbers", "prepared"}
    assert any(quantised.coding.raises for quantised, _ in exported)
    texts = [(tmp_path / f"m{number}" / "model.h").read_text() for number in range(20)]
    # Every branch of the writer was written by some model.
    for piece in (
        "model_gaps",
        "model_map",
        "model_shifts[unit]",
        "> 32767",
        "model_shifted",
        "model_prepare",
    ):
        assert any(piece in text for text in texts), piece
        assert not all(piece in text for text in texts), piece


@needs_cc
def test_c_in_floats_is_near_to_double_precision(tmp_path):
    exported = [made(seed) for seed in range(20, 30)]
    assert run_all(tmp_path, exported) == [0] * 10


@needs_cc
@pytest.mark.parametrize(
    "flags",
    [("-O3",), ("-O1", "-Wconversion", "-Wshadow", "-Wdouble-promotion")],
    ids=["fast", "no silent conversion"],
)
def test_other_flags_change_nothing(tmp_path, flags):
    exported = [(quantise(*made(seed)), made(seed)[1]) for seed in (5, 18)]
    assert run_all(tmp_path, [*exported, made(2)], flags) == [0] * 3


@pytest.mark.skipif(shutil.which("c++") is None, reason="there is no C++ compiler c++")
def test_the_headers_are_cplusplus_too(tmp_path):
    for seed in (2, 5):
        for exported in (made(seed)[0], quantise(*made(seed))):
            (tmp_path / "model.h").write_text(model_header(exported), encoding="utf-8")
            vectors = vectors_header(exported, made(seed)[1], limit=2000)
            (tmp_path / "test_vectors.h").write_text(vectors, encoding="utf-8")
            (tmp_path / "main.cpp").write_text(
                '#include "test_vectors.h"\nint main() { return model_mismatches(); }\n'
            )
            command = ["c++", "-std=c++11", *STRICT[1:], "main.cpp", "-o", "main"]
            subprocess.run(command, cwd=tmp_path, check=True)
            subprocess.run(["./main"], cwd=tmp_path, check=True)


@needs_cc
def test_a_wrong_weight_is_noticed(tmp_path):
    model, table = made(1)
    quantised = quantise(model, table)
    wrong = replace(quantised, bias=quantised.bias + np.int32(2**20))
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "model.h").write_text(model_header(wrong))
    (folder / "test_vectors.h").write_text(vectors_header(quantised, table))
    (folder / "main.c").write_text(
        '#include "test_vectors.h"\nint main(void) { return model_mismatches() == 0; }\n'
    )
    subprocess.run(["cc", "main.c", "-o", "main"], cwd=folder, check=True)
    assert subprocess.run(["./main"], cwd=folder, check=False).returncode == 0


@pytest.mark.parametrize("seed", range(6))
def test_float_vectors_are_the_networks_own_word(seed):
    model, table = made(seed)
    right = expected(model, table)
    logits = model.network.logits(model.inputs(table))
    if not model.classes:
        logits = logits * model.target_scale + model.target_mean
    kept = (float_coding(model).encode(table)[:, None] == right.codes[None]) | (
        np.isnan(float_coding(model).encode(table)[:, None]) & np.isnan(right.codes[None])
    )
    places = kept.all(axis=2).argmax(axis=0)  # which row of the table each vector is
    assert len(places) >= 150
    close = 1e-3 * max(np.abs(logits).max(), 1)  # inputs themselves are in single precision
    assert np.abs(logits[places] - right.outputs).max() <= close


@pytest.mark.parametrize("density", [0, 0.004, 0.05, 0.3, 1])
def test_packed_weights_unpack_to_what_they_were(density):
    rng = np.random.default_rng(5)
    matrix = rng.integers(1, 127, (7, 1100)).astype(np.int8)
    matrix[rng.random(matrix.shape) >= density] = 0
    assert (unpack(gapped(matrix), 7, 1100) == matrix).all()
    assert (unpack(mapped(matrix), 7, 1100) == matrix).all()
    packed = pack(matrix)
    assert (unpack(packed, 7, 1100) == matrix).all()
    assert packed.bytes <= min(matrix.nbytes, gapped(matrix).bytes, mapped(matrix).bytes)
    assert (packed.map is not None) == (density == 0.3)
    assert (packed.gaps is not None) == (density < 0.1)


@pytest.mark.parametrize("gap", [0, 254, 255, 256, 257, 511, 512, 513])
def test_long_runs_of_zeros_survive(gap):
    matrix = np.zeros((2, 600), np.int8)
    matrix[0, gap], matrix[1, 599] = 5, -7
    assert (unpack(gapped(matrix), 2, 600) == matrix).all()
    assert (unpack(mapped(matrix), 2, 600) == matrix).all()


@pytest.mark.parametrize("text", [*WEIRD, "*/", "\\\n", "??/", "\x85", "a\u2028b"])
def test_no_text_leaves_its_comment(text):
    shown = comment([quoted(text)])
    assert shown.count("*/") == 1
    assert shown.endswith("*/\n")
    assert len(shown.splitlines()) == 3
    assert not re.search(r"\\|\?\?|/\*.*/\*", shown.replace("\n", " "))


def test_headers_document_order_units_and_classes():
    model, table = made(11)
    text = model_header(quantise(model, table))
    for place in range(len(model.columns)):
        assert f" x[{place}] " in text
    for number in range(len(model.classes)):
        assert f" {number} = " in text


def test_flash_is_what_the_arrays_take():
    for seed in range(6):
        for exported in (made(seed)[0], quantise(*made(seed))):
            text = model_header(exported)
            sizes = {"int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2}
            arrays = re.findall(r"static const (\w+) \w+\[(\d+)\] MODEL_FLASH", text)
            assert flash_bytes(exported) == sum(sizes.get(k, 4) * int(n) for k, n in arrays)
