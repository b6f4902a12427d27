import assert from "node:assert/strict";
import { test } from "node:test";
import { Batches, Trainer, initial, shuffled, sparse } from "../../src/lowcap/explorer/page/training.js";
import { near, network, numbers } from "./numbers.mjs";

test("losses and weights are those of NumPy, full batch and batch by batch", () => {
  for (const asked of numbers.training) {
    const data = sparse(asked.images, asked.labels.length, asked.inputs);
    const trainer = new Trainer(network(asked.initial), 0.3);
    near([trainer.f1(data, asked.labels)], [asked.f1]);
    const batches = new Batches(data.count, asked.batch, 0, asked.order);
    const losses = asked.losses.map(() => trainer.step(data, asked.labels, batches.next()));
    near(losses, asked.losses, 1e-4);
    const found = trainer.network();
    for (const name of ["w1", "b1", "w2", "b2"]) near(found[name], asked.trained[name], 1e-3);
    const mean = (some) => some.reduce((a, b) => a + b, 0) / some.length;
    assert.ok(mean(losses.slice(-12)) < mean(losses.slice(0, 12)));
  }
});

test("each epoch goes through every row once, in an order of its own", () => {
  const batches = new Batches(10, 4, 1);
  const epochs = [0, 1].map(() => [batches.next(), batches.next(), batches.next()]);
  for (const epoch of epochs) {
    assert.deepEqual(epoch.map((rows) => rows.length), [4, 4, 2]);
    assert.deepEqual(epoch.flatMap((rows) => [...rows]).sort((a, b) => a - b), [...Array(10).keys()]);
  }
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.deepEqual(shuffled(30, 2, 5), shuffled(30, 2, 5));
});

test("fresh weights have the spread that their initialiser names", () => {
  const spread = (values) => Math.sqrt(values.reduce((a, b) => a + b * b, 0) / values.length);
  assert.ok(Math.abs(spread(initial("normal_01", 784, 24, 0).w1) - 0.1) < 0.002);
  const xavier = initial("xavier_uniform", 784, 24, 0);
  const bound = Math.sqrt(6 / (784 + 24));
  assert.ok(Math.max(...xavier.w1) <= bound && Math.max(...xavier.w1) > 0.99 * bound);
  assert.deepEqual(xavier.b1, new Float32Array(24));
  assert.notDeepEqual(initial("normal_01", 784, 24, 1).w1, initial("normal_01", 784, 24, 0).w1);
});
