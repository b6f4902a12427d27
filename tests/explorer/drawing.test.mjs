import assert from "node:assert/strict";
import { test } from "node:test";
import { GRID, centre, digit, read, thinned, written } from "../../src/lowcap/explorer/page/drawing.js";

const strokes = {
  one: [[[12, 5], [10, 30], [9, 60]]],
  corner: [[[55, 52], [61, 52], [61, 62], [55, 62]]],
  cross: [[[5, 5], [58, 58]], [[58, 5], [5, 58]]],
};

test("a drawing is centred by its mass and fills MNIST's box of 20 pixels", () => {
  for (const some of Object.values(strokes)) {
    const image = digit(some, 28);
    const [x, y] = centre(image, 28);
    assert.ok(Math.abs(x - 14) < 0.2 && Math.abs(y - 14) < 0.2, `${x} ${y}`);
    const lit = Array.from(image.keys()).filter((i) => image[i] > 0.5);
    const extent = (values) => Math.max(...values) - Math.min(...values) + 1;
    const longest = Math.max(extent(lit.map((i) => i % 28)), extent(lit.map((i) => Math.floor(i / 28))));
    assert.ok(longest >= 18 && longest <= 21, `${longest} pixels`);
    assert.ok(Math.max(...image) === 1 && Math.min(...image) === 0);
  }
});

test("place and size of a drawing make no difference", () => {
  const small = strokes.cross.map((stroke) => stroke.map(([x, y]) => [x / 2 + 20, y / 2 + 3]));
  digit(small, 28).forEach((ink, i) => assert.ok(Math.abs(ink - digit(strokes.cross, 28)[i]) < 1e-5));
});

test("no ink is no image; a dot stays a dot", () => {
  assert.equal(digit([], 28), null);
  const dot = digit([[[30, 30]]], 28);
  assert.ok(dot.filter((ink) => ink > 0.1).length < 25);
  assert.ok(Math.max(...dot) > 0.5);
});

test("a link carries the strokes, and nothing else is read from it", () => {
  for (const some of Object.values(strokes)) assert.deepEqual(read(written(some)), some);
  assert.deepEqual(read(""), []);
  assert.deepEqual(read("A.%%.AB<script>").length, 1);
});

test("a stroke for a link is short and keeps its ends", () => {
  const long = Array.from({ length: 400 }, (_, k) => [k / 8, 20 + 0.3 * Math.sin(k)]);
  const short = thinned(long);
  assert.ok(short.length < 45);
  assert.deepEqual([short[0], short.at(-1)], [[0, 20], [50, 20]]);
  assert.ok(thinned([[-5, 80]]).flat().every((value) => value >= 0 && value <= GRID));
});
