import assert from "node:assert/strict";
import { test } from "node:test";
import { corrupted, gaussianNoise, normals, occlude, patchOf, stream } from "../../src/lowcap/explorer/page/corruption.js";

const half = new Float32Array(28 * 28).fill(0.5);

test("a stream follows from its name and keys alone", () => {
  const first = (...keys) => Array.from({ length: 4 }, stream(...keys));
  assert.deepEqual(first("noise", 1), first("noise", 1));
  const others = [["noise", 2], ["noise", "1"], ["occlusion", 1], ["noise", 1, 0]].map((keys) => first(...keys).join());
  assert.equal(new Set([...others, first("noise", 1).join()]).size, 5);
});

test("normal numbers have mean 0 and deviation 1", () => {
  const drawn = normals(stream("test"), 40001);
  const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
  const variance = drawn.reduce((a, b) => a + b * b, 0) / drawn.length;
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(variance - 1) < 0.03);
});

test("noise is clipped, seeded, and grows with sigma in the same places", () => {
  const strong = gaussianNoise(half, 0.9, 3), weak = gaussianNoise(half, 0.1, 3);
  assert.deepEqual(strong, gaussianNoise(half, 0.9, 3));
  assert.notDeepEqual(strong, gaussianNoise(half, 0.9, 4));
  assert.ok(Math.min(...strong) === 0 && Math.max(...strong) === 1);
  weak.forEach((value, i) => assert.ok((value - 0.5) * (strong[i] - 0.5) >= 0));
  assert.equal(gaussianNoise(half, 0, 3), half);
});

test("occlusion is one square of black, inside the image, anywhere", () => {
  const places = new Set();
  for (let seed = 0; seed < 200; seed++) {
    const [top, left] = patchOf([28, 28], 7, seed);
    places.add(`${top} ${left}`);
    const seen = occlude(half, [28, 28], 7, seed);
    seen.forEach((value, i) => {
      const inside = Math.floor(i / 28) >= top && Math.floor(i / 28) < top + 7 && i % 28 >= left && i % 28 < left + 7;
      assert.equal(value, inside ? 0 : 0.5);
    });
    assert.equal(seen.filter((value) => value === 0).length, 49);
  }
  assert.ok(places.size > 100);
  assert.deepEqual(patchOf([28, 28], 28, 5), [0, 0]);
});

test("a square covers all channels of a pixel; noise does not lighten it", () => {
  const colours = new Float32Array(6 * 5 * 3).fill(0.5);
  const seen = corrupted(colours, [6, 5, 3], { noise: 0.3, occlusion: 2, draw: 1 });
  const black = Array.from(seen.keys()).filter((i) => seen[i] === 0 && seen[i - (i % 3)] === 0
    && seen[i - (i % 3) + 1] === 0 && seen[i - (i % 3) + 2] === 0);
  assert.equal(black.length, 2 * 2 * 3);
});
