// What NumPy made, and how near to it is near enough.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export const numbers = JSON.parse(readFileSync(process.env.LOWCAP_NUMBERS, "utf8"));

/** A network from JSON. */
export function network(plain) {
  const arrays = ["w1", "b1", "w2", "b2"].filter((name) => plain[name]);
  return { ...plain, ...Object.fromEntries(arrays.map((name) => [name, Float32Array.from(plain[name])])) };
}

/** All values as near as single precision lets them be. */
export function near(found, expected, tolerance = 1e-5) {
  assert.equal(found.length, expected.length);
  expected.forEach((value, k) => {
    const off = Math.abs(found[k] - value);
    assert.ok(off <= tolerance * Math.max(1, Math.abs(value)), `${k}: ${found[k]} for ${value}`);
  });
}
