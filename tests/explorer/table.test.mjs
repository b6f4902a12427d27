import assert from "node:assert/strict";
import { test } from "node:test";
import { forward } from "../../src/lowcap/explorer/page/network.js";
import { columnOfInput, inputsOf, rint, wholeOutputs, wholePrediction } from "../../src/lowcap/explorer/page/table.js";
import { near, network, numbers } from "./numbers.mjs";

test("inputs and logits are those of the exported model", () => {
  for (const { columns, rows, inputs, network: plain, logits } of numbers.tables) {
    rows.forEach((row, k) => {
      near(inputsOf(columns, row), inputs[k], 1e-12);
      near(forward(network(plain), inputsOf(columns, row)).logits, logits[k], 1e-4);
    });
    assert.equal(columnOfInput(columns).length, inputs[0].length);
  }
});

test("the network in whole numbers says what the C code says, number for number", () => {
  let forms = new Set();
  for (const { columns, whole, rows, outputs, predictions } of numbers.tables) {
    forms.add(whole.form);
    rows.forEach((row, k) => {
      assert.deepEqual(wholeOutputs(columns, whole, row), outputs[k]);
      assert.equal(wholePrediction(columns, whole, row), predictions[k]);
    });
  }
  assert.deepEqual([...forms].sort(), ["bytes", "numbers", "prepared"]);
});

test("halves are rounded to the even number", () => {
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, -1.5, 0.4, 7].map(rint).map((v) => v + 0), [0, 2, 2, 0, -2, 0, 7]);
});
