import assert from "node:assert/strict";
import { test } from "node:test";
import { Ranks, linked, removed } from "../../src/lowcap/explorer/page/pruning.js";
import { stream } from "../../src/lowcap/explorer/page/corruption.js";
import { near, network, numbers } from "./numbers.mjs";

test("as many weights go as in Python, halves rounded alike", () => {
  for (const [size, sparsity, expected] of numbers.removed) assert.equal(removed(size, sparsity), expected);
});

test("the same weights go, of equal ones the same", () => {
  for (const { network: plain, sparsity, pruned, used, linked: paths } of numbers.pruned) {
    const thin = new Ranks(network(plain)).prune(sparsity);
    for (const name of ["w1", "w2", "b1", "b2"]) if (pruned[name]) near(thin[name], pruned[name], 0);
    if (plain.hidden) assert.deepEqual(linked(thin, used), paths);
  }
});

test("exactly k weights go, the smallest, whatever they are", () => {
  const uniform = stream("test pruning");
  for (let round = 0; round < 60; round++) {
    const inputs = 1 + Math.floor(8 * uniform()), hidden = 1 + Math.floor(6 * uniform());
    const draw = (count) => Float32Array.from({ length: count }, () => 1 + Math.floor(5 * uniform()));
    const net = { inputs, hidden, outputs: 1, w1: draw(inputs * hidden), b1: draw(hidden), w2: draw(hidden), b2: draw(1) };
    const sparsity = uniform();
    const thin = new Ranks(net).prune(sparsity);
    const before = [...net.w1, ...net.w2], after = [...thin.w1, ...thin.w2];
    const gone = before.filter((_, i) => after[i] === 0), left = before.filter((_, i) => after[i] !== 0);
    assert.equal(gone.length, removed(before.length, sparsity));
    assert.ok(Math.max(0, ...gone) <= Math.min(Infinity, ...left));
  }
});
