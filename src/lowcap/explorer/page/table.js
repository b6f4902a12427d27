// A user's table: from the values of a row to a network's inputs, and what the exported code says.
//
// A value is a number, a text, or null where it is missing.

const LARGEST = 32767;
const MISSING = -32768;
const ONE = 256; // what a category or a flag that applies is among whole numbers

/** Rounded as NumPy does it: halves to the even number. */
export function rint(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 ? below + 1 : below;
}

const clip = (value, low, high) => Math.min(high, Math.max(low, value));

/** A number as a category is written: whole ones without a point. */
const word = (value) => String(value);

/** What a network in floating point sees of a row. */
export function inputsOf(columns, row) {
  const found = [];
  columns.forEach((column, k) => {
    const missing = row[k] === null;
    const value = missing ? column.fill : row[k];
    if (column.kind === "number") found.push((value - column.mean) / column.scale);
    if (column.kind === "category")
      for (const category of column.categories) found.push(Number(word(value) === category));
    if (column.flagged) found.push(Number(missing));
  });
  return Float64Array.from(found);
}

/** Of each input of a network, the number of its column. */
export function columnOfInput(columns) {
  return columns.flatMap((column, k) => {
    const own = { number: 1, category: column.categories.length, ignored: 0 }[column.kind];
    return Array(own + (column.flagged ? 1 : 0)).fill(k);
  });
}

/** What is sent to the exported code of each column. */
export function encode(columns, whole, row) {
  return columns.map((column, k) => {
    const { origin, shift, fill } = whole.codes[k];
    if (row[k] === null) return whole.form === "prepared" ? MISSING : fill;
    if (column.kind === "category") {
      const place = column.categories.indexOf(word(row[k]));
      return place < 0 ? column.categories.length : place;
    }
    if (whole.form === "bytes") return clip(rint(row[k]), 0, 255);
    return clip(rint((row[k] - origin) * 2 ** shift), -LARGEST, LARGEST);
  });
}

/** What the exported code makes of what was sent. */
function wholeInputs(columns, whole, sent) {
  if (whole.form !== "prepared") return sent.map((value, k) => value * 2 ** (whole.raises[k] ?? 0));
  return columns.flatMap((column, k) => {
    const missing = sent[k] === MISSING;
    const value = missing ? whole.codes[k].fill : sent[k];
    const own = column.kind === "category"
      ? column.categories.map((_, place) => ONE * (place === value)) : [value];
    return column.flagged ? [...own, ONE * missing] : own;
  });
}

const summed = (weights, bias, values) =>
  weights.map((row, k) => row.reduce((sum, weight, i) => sum + weight * values[i], bias[k]));

/** Divided by 2^shift and rounded, halves away from 0. */
const shifted = (value, shift) => Math.sign(value) * Math.floor((Math.abs(value) + Math.floor(2 ** shift / 2)) / 2 ** shift);

/** The outputs of the network in whole numbers, as the C code computes them. */
export function wholeOutputs(columns, whole, row) {
  const sums = summed(whole.first, whole.bias, wholeInputs(columns, whole, encode(columns, whole, row)));
  if (!whole.second) return sums;
  const hidden = sums.map((sum, unit) => Math.min(shifted(Math.max(sum, 0), whole.shifts[unit]), LARGEST));
  return summed(whole.second, whole.second_bias, hidden);
}

/** What the network in whole numbers says: a class's number, or a number in the target's units. */
export function wholePrediction(columns, whole, row) {
  const outputs = wholeOutputs(columns, whole, row);
  if (whole.finish) {
    const { first_shift, factor, second_shift, offset, digits } = whole.finish;
    const narrow = clip(shifted(outputs[0], first_shift), -LARGEST, LARGEST);
    return (shifted(narrow * factor, second_shift) + offset) / 2 ** digits;
  }
  if (outputs.length === 1) return Number(outputs[0] >= 0);
  return outputs.indexOf(Math.max(...outputs));
}
