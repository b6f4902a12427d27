"use strict";
// What the exported C code computes, with the same numbers. Whole numbers stay below 2^53, where
// double precision is exact; a network in floating point is computed in double precision here.
const network = (() => {
  const LARGEST = 32767;

  // Rounded as NumPy does it: a half goes to the even neighbour.
  function nearest(value) {
    const below = Math.floor(value);
    const rest = value - below;
    if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
    return below % 2 === 0 ? below : below + 1;
  }

  const held = (value, low, high) => Math.min(Math.max(value, low), high);

  // What is sent of one column's value; null stands for a missing one.
  function encodeOne(model, column, value) {
    if (value === null) return model.form === "prepared" ? null : column.fill;
    if (column.categories) {
      const place = column.categories.indexOf(value);
      return place < 0 ? column.categories.length : place;
    }
    if (!model.integer) return Math.fround(value);
    if (model.form === "bytes") return held(nearest(value), 0, 255);
    return held(nearest((value - column.origin) * 2 ** column.shift), -LARGEST, LARGEST);
  }

  const encode = (model, row) =>
    model.columns.map((column, place) => encodeOne(model, column, row[place]));

  // The network's inputs: gaps filled, a category as one input for each of its values.
  function inputs(model, codes) {
    if (model.form === "bytes") return codes.map((code, place) => code * 2 ** (model.raises[place] || 0));
    if (model.form === "numbers") return codes;
    const found = [];
    model.columns.forEach((column, place) => {
      const missing = codes[place] === null || codes[place] === model.missing;
      const value = missing ? column.fill : codes[place];
      if (column.categories) column.categories.forEach((_, each) => found.push(value === each ? model.one : 0));
      else found.push(value);
      if (column.flagged) found.push(missing ? model.one : 0);
    });
    return found;
  }

  function sum(bias, weights, values) {
    let total = bias;
    for (let place = 0; place < weights.length; place++) total += weights[place] * values[place];
    return total;
  }

  // A hidden unit's value: never negative, and in whole numbers of at most 16 bits.
  function bent(model, total, unit) {
    if (total <= 0) return 0;
    if (!model.integer) return total;
    const step = 2 ** model.shifts[unit];
    return Math.min(Math.floor((total + Math.floor(step / 2)) / step), LARGEST);
  }

  function outputs(model, codes) {
    const seen = inputs(model, codes);
    const first = model.first.map((weights, unit) => sum(model.bias[unit], weights, seen));
    if (!model.second) return first;
    const hidden = first.map((total, unit) => bent(model, total, unit));
    return model.second.map((weights, output) => sum(model.secondBias[output], weights, hidden));
  }

  // Divided by 2^shift and rounded, halves away from 0.
  function shifted(value, shift) {
    const step = 2 ** shift;
    return Math.sign(value) * Math.floor((Math.abs(value) + Math.floor(step / 2)) / step);
  }

  // The class's number; of a regression the whole number that the chip says, or the prediction.
  function said(model, found) {
    if (model.finish) {
      const narrow = held(shifted(found[0], model.finish.firstShift), -LARGEST, LARGEST);
      return shifted(narrow * model.finish.factor, model.finish.secondShift) + model.finish.offset;
    }
    if (!model.classes.length) return found[0];
    if (model.classes.length === 2) return found[0] >= 0 ? 1 : 0;
    return found.indexOf(Math.max(...found));
  }

  // How the network's outputs divide up between the classes, by softmax.
  function shares(model, found) {
    const logits = found.map((value) => value * model.scale);
    const all = model.classes.length === 2 ? [0, logits[0]] : logits;
    const top = Math.max(...all);
    const sizes = all.map((value) => Math.exp(value - top));
    const total = sizes.reduce((before, size) => before + size, 0);
    return sizes.map((size) => size / total);
  }

  // A regression's prediction in the user's units.
  const value = (model, word) => (model.finish ? word * 2 ** -model.finish.digits : word);

  // How many test vectors come out otherwise than the reference says.
  function mismatches(model, vectors) {
    return vectors.inputs.filter((codes, row) => {
      const found = outputs(model, codes);
      const right = vectors.outputs[row];
      const off = found.some((one, place) => !(Math.abs(one - right[place]) <= vectors.tolerance));
      return off || (model.classes.length && said(model, found) !== vectors.predictions[row]);
    }).length;
  }

  return { encode, inputs, outputs, said, shares, value, mismatches };
})();
if (typeof module !== "undefined") module.exports = network;
