// What is chosen on the page, and how it stands in the address after the #.

const NUMBERS = ["hidden", "seed", "sparsity", "noise", "occlusion", "draw", "image", "row", "width"];
const WORDS = ["view", "task", "protocol", "map", "strokes", "batch", "bits", "values"];

/** What an address asks for; only what can be read. */
export function parse(fragment) {
  const found = {};
  for (const [name, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (WORDS.includes(name)) found[name] = value;
    if (NUMBERS.includes(name) && value !== "" && Number.isFinite(Number(value))) found[name] = Number(value);
  }
  return found;
}

/** The part of an address that carries a state; what stands at its default is left out. */
export function format(state, defaults) {
  const parts = new URLSearchParams();
  for (const name of [...WORDS, ...NUMBERS]) {
    const value = state[name];
    if (value === undefined || value === null || value === "" || value === defaults[name]) continue;
    parts.set(name, typeof value === "number" ? String(Number(value.toFixed(4))) : value);
  }
  return parts.toString();
}

/** The value that is nearest among those there are; the first if it is none of them and no number. */
export function nearest(value, known) {
  if (known.includes(value) || !known.length) return known.length ? value : undefined;
  if (typeof value !== "number") return known[0];
  return known.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best));
}
