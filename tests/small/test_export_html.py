"""The page that runs a network: the reference's numbers in node, no requests in a browser."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lowcap.small.export.c_parts import expected, parts_of
from lowcap.small.export.export_html import html_page
from lowcap.small.export.quantise import quantise
from lowcap.small.model import Column, SmallModel
from lowcap.small.table.cells import as_numbers, as_words
from tests.small.made import extreme, made, named

NODE = shutil.which("node")
SEEDS = range(20)

ASK = """
const { readFileSync } = require("node:fs");
const vm = require("node:vm");
const found = process.argv.slice(2).map((path) => {
  const [page, rows] = JSON.parse(readFileSync(path, "utf8"));
  const given = JSON.parse(page.match(/id="model">(.*?)<\\/script>/s)[1]);
  const code = page.match(/<script>(.*?)<\\/script>/s)[1];
  const network = vm.runInNewContext(code + "\\nnetwork", {});
  const said = rows.map((row) => {
    const codes = network.encode(given.model, row);
    const outputs = network.outputs(given.model, codes);
    const word = network.said(given.model, outputs);
    return [codes, outputs, word, network.value(given.model, word)];
  });
  return [said, network.mismatches(given.model, given.vectors), given.vectors.inputs.length];
});
console.log(JSON.stringify(found));
"""


def in_node(tmp_path: Path, asked: list[tuple[str, list]]) -> list:
    """What the pages' own code says of rows: codes, outputs, word and value of each."""
    paths = []
    for number, one in enumerate(asked):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(one), encoding="utf-8")
    (tmp_path / "ask.js").write_text(ASK, encoding="utf-8")
    assert NODE is not None
    command = [NODE, str(tmp_path / "ask.js"), *map(str, paths)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def plain(model: SmallModel, table: pd.DataFrame) -> list[list]:
    """Rows as the page takes them."""
    columns = []
    for one in model.columns:
        values = table[one.name]
        words = as_words(values) if one.kind == "category" else as_numbers(values)
        columns.append([None if pd.isna(word) else word for word in words])
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_whole_numbers_in_javascript_are_those_of_the_reference(tmp_path):
    asked, right = [], []
    for seed in SEEDS:
        model, table = made(seed, rows=60)
        exported, far = quantise(model, table), extreme(model, table)
        asked.append((html_page(exported, table), plain(model, far)))
        codes = exported.coding.encode(far)
        right.append((exported, codes, exported.predict(far)))
    for (said, wrong, vectors), (exported, codes, labels) in zip(
        in_node(tmp_path, asked), right, strict=True
    ):
        assert (wrong, vectors) == (0, 60)
        outputs = np.array([one[1] for one in said])
        np.testing.assert_array_equal(outputs, exported.outputs(codes))
        words = [one[2] for one in said]
        np.testing.assert_array_equal(words, exported.predictions(codes))
        if exported.finish is not None:
            np.testing.assert_array_equal([one[3] for one in said], labels)


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_floating_point_in_javascript_says_the_same_classes(tmp_path):
    asked, right = [], []
    for seed in SEEDS[:10]:
        model, table = made(seed, rows=60)
        asked.append((html_page(model, table), plain(model, table)))
        right.append((model, table))
    for (said, wrong, _), (model, table) in zip(in_node(tmp_path, asked), right, strict=True):
        assert wrong == 0
        clear = expected(model, table)
        sent = parts_of(model).coding.encode(table)
        place = {row.tobytes(): number for number, row in enumerate(sent)}
        rows = [place[row.tobytes()] for row in clear.codes]
        assert len(rows) > 20
        outputs = np.array([said[row][1] for row in rows])
        np.testing.assert_allclose(outputs, clear.outputs, atol=clear.tolerance)
        if model.classes:
            assert [said[row][2] for row in rows] == clear.predictions.tolist()


def test_a_page_asks_for_nothing_and_holds_no_markup_of_the_users():
    model, table = made(1)
    page = html_page(quantise(model, table), table)
    assert not re.search(r"\b(?:src|href)=|https?:|url\(|@import", page)
    assert "default-src 'none'" in page
    assert page.count("<script") == page.count("</script>") == 3


def test_pixels_can_be_drawn_on():
    """Columns that the reader of image files names make a picture, any others do not."""
    model, table = made(0)
    count = 12
    names = [f"pixel_{down}_{across}" for down in range(3) for across in range(4)]
    columns = tuple(Column(name, "number", 0.0, 90.0, 60.0) for name in names)
    table = pd.DataFrame(np.arange(36).reshape(3, count) % 256, columns=names)
    from lowcap.networks import Dense, Network

    params = {"w1": np.ones((1, count)), "b1": np.zeros(1)}
    drawn = SmallModel(columns, Network(Dense(count, (), 1), params, "binary"), (0, 1))
    page = html_page(quantise(drawn, table), table)
    assert '"image":{"height":3,"width":4}' in page
    assert '"image":null' in html_page(quantise(model, made(0)[1]), made(0)[1])


def test_a_browser_shows_the_prediction_and_follows_the_controls(browser, tmp_path):
    model, table = named(2)  # a mixed table: categories, flags, missing values
    exported = quantise(model, table)
    path = tmp_path / "model.html"
    path.write_text(html_page(exported, table), encoding="utf-8")
    page, asked, errors = browser.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(path.as_uri())
    assert "agrees with the reference on all" in page.inner_text("#checked")
    labels = [str(label) for label in exported.predict(table.iloc[:20])]
    for row in (3, 7):
        page.select_option("#examples", str(row))
        said = page.inner_text("#said")
        if model.classes:
            assert said == labels[row].strip()
        else:
            assert float(said) == pytest.approx(float(labels[row]), rel=1e-4)
    number = next(n for n, one in enumerate(model.columns) if one.kind == "number")
    box = page.locator("#columns .column").nth(number).locator("input[type=number]")
    changed = table.iloc[[7]].copy()
    for value in (1e6, -1e6, 0.0):
        box.fill(f"{value:g}")
        changed[model.columns[number].name] = value
        label = str(exported.predict(changed)[0])
        said = page.inner_text("#said")
        if model.classes:
            assert said == label.strip()
        else:
            assert float(said) == pytest.approx(float(label), rel=1e-4)
    assert not errors
    assert asked == [path.as_uri()]
    page.close()
