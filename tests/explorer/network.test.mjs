import assert from "node:assert/strict";
import { test } from "node:test";
import { METHODS, f1, forward, probabilities, sigmoid } from "../../src/lowcap/explorer/page/network.js";
import { near, network, numbers } from "./numbers.mjs";

test("logits and hidden units are NumPy's", () => {
  for (const { network: plain, x, hidden, logits } of numbers.responses) {
    x.forEach((row, k) => {
      const said = forward(network(plain), Float32Array.from(row));
      near(said.logits, logits[k]);
      if (hidden) near(said.hidden, hidden[k]);
    });
  }
});

test("saliency maps are those of lowcap", () => {
  for (const { network: plain, x, maps } of numbers.responses) {
    for (const [name, expected] of Object.entries(maps)) {
      x.forEach((row, k) => near(METHODS[name](network(plain), Float32Array.from(row)), expected[k], 1e-4));
    }
  }
});

test("probabilities do not overflow and sum to 1", () => {
  assert.equal(sigmoid(800), 1);
  assert.equal(sigmoid(-800), 0);
  const p = probabilities([1000, 1000, 0]);
  near(p, [0.5, 0.5, 0]);
});

test("F1 counts class 1", () => {
  const net = network({ inputs: 1, hidden: 0, outputs: 1, w1: [1], b1: [0] });
  const rows = [[1], [1], [-1], [-1]];
  near([f1(net, rows, [1, 0, 1, 0])], [0.5]);
  assert.equal(f1(net, [[-1]], [0]), 0);
});
