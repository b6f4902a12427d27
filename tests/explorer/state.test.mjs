import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, inflate, unpack } from "../../src/lowcap/explorer/page/data.js";
import { readCells, writtenCells } from "../../src/lowcap/explorer/page/rows.js";
import { format, nearest, parse } from "../../src/lowcap/explorer/page/state.js";
import { numbers } from "./numbers.mjs";

test("a link carries what is chosen and leaves out what stands at its default", () => {
  const defaults = { view: "look", sparsity: 0, noise: 0 };
  const state = { ...defaults, task: "4-9", hidden: 24, sparsity: 0.95, image: 7, strokes: "" };
  const text = format(state, defaults);
  assert.equal(text, "task=4-9&hidden=24&sparsity=0.95&image=7");
  assert.deepEqual({ ...defaults, ...parse(`#${text}`), strokes: "" }, state);
});

test("what an address cannot mean is left out", () => {
  assert.deepEqual(parse("#hidden=many&other=1&noise=&seed=3&task=<b>"), { seed: 3, task: "<b>" });
});

test("a choice that is not there becomes the nearest one, or the first", () => {
  assert.equal(nearest(20, [2, 4, 24]), 24);
  assert.equal(nearest("x", ["a", "b"]), "a");
  assert.equal(nearest(undefined, [3]), 3);
  assert.equal(nearest(1, []), undefined);
});

test("a link carries the cells of a row that were changed", () => {
  const columns = [{ kind: "number" }, { kind: "category" }, { kind: "number" }];
  const row = [1.5, "a", null];
  assert.equal(writtenCells(row, row), "");
  const cells = [1.5, null, 3];
  assert.deepEqual(readCells(writtenCells(cells, row), row, columns), cells);
  assert.deepEqual(readCells('{"0": "no number", "1": "b", "9": 1}', row, columns), [1.5, "b", null]);
  assert.deepEqual(readCells("{damaged", row, columns), row);
});

test("arrays come out of the archive as they went in", async () => {
  const { index, text, arrays } = numbers.packed;
  const found = unpack(index, await inflate(fromBase64(text)));
  for (const [name, values] of Object.entries(arrays)) assert.deepEqual([...found[name]], values.map((v) => v));
});
