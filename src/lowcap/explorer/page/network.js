// One network with one hidden layer of ReLU units, or none: what it says, and why.
//
// A network is { inputs, hidden, outputs, w1, b1, w2, b2 } with w1 [hidden, inputs] and
// w2 [outputs, hidden], row after row. One without hidden units has w1 [outputs, inputs] and b1.

/** The logistic function. */
export function sigmoid(z) {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

/** A matrix [count, width] times x, plus a bias. */
function product(matrix, bias, x, count) {
  const width = x.length;
  const found = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0, place = row * width; i < width; i++, place++) sum += matrix[place] * x[i];
    found[row] = sum + bias[row];
  }
  return found;
}

/** The first layer's values, before anything bends them. */
export function first(net, x) {
  return product(net.w1, net.b1, x, net.hidden || net.outputs);
}

/** The logits, from what `first` gives, changed or not. */
export function onward(net, before) {
  return net.hidden ? product(net.w2, net.b2, before.map((z) => Math.max(z, 0)), net.outputs) : before;
}

/** What the network makes of an input: values before the ReLU, after it, and the logits. */
export function forward(net, x) {
  const before = first(net, x);
  const hidden = net.hidden ? before.map((z) => Math.max(z, 0)) : before;
  return { before, hidden, logits: onward(net, before) };
}

/** Probabilities: that of class 1 where there is one logit, else one for each class. */
export function probabilities(logits) {
  if (logits.length === 1) return [sigmoid(logits[0])];
  const largest = Math.max(...logits);
  const raised = Array.from(logits, (z) => Math.exp(z - largest));
  const total = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / total);
}

/** The output that decides: the only one, or the largest of several. */
export function decisive(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** The gradient of the decisive logit with respect to the input. A unit at 0 passes nothing on. */
export function gradient(net, x) {
  const { before, logits } = forward(net, x);
  const output = decisive(logits);
  const found = new Float64Array(net.inputs);
  if (!net.hidden) return found.map((_, i) => net.w1[output * net.inputs + i]);
  for (let unit = 0; unit < net.hidden; unit++) {
    const factor = before[unit] > 0 ? net.w2[output * net.hidden + unit] : 0;
    if (factor === 0) continue;
    const place = unit * net.inputs;
    for (let i = 0; i < net.inputs; i++) found[i] += factor * net.w1[place + i];
  }
  return found;
}

/** How far the decisive probability moves if one input grows by a step; unclipped, no sign. */
function finiteDifferences(net, x, step = 0.1) {
  const before = first(net, x);
  const said = probabilities(onward(net, before));
  const output = said.length > 1 ? decisive(said) : 0;
  const moved = new Float64Array(before.length);
  return Float64Array.from(x, (_, i) => {
    for (let unit = 0; unit < moved.length; unit++)
      moved[unit] = before[unit] + step * net.w1[unit * net.inputs + i];
    return Math.abs(probabilities(onward(net, moved))[output] - said[output]);
  });
}

/** Gradients on the way from black to the input, times the input (midpoint rule). */
function integrated(net, x, steps = 32) {
  const total = new Float64Array(net.inputs);
  for (let step = 0; step < steps; step++) {
    const part = gradient(net, x.map((value) => (value * (step + 0.5)) / steps));
    for (let i = 0; i < total.length; i++) total[i] += part[i];
  }
  return total.map((value, i) => (value * x[i]) / steps);
}

/** Saliency maps as lowcap defines them, by name. */
export const METHODS = {
  "gradient x input": (net, x) => gradient(net, x).map((value, i) => value * x[i]),
  gradient,
  "integrated gradients": integrated,
  "finite differences": finiteDifferences,
};

/** F1 of class 1 of a binary network on rows; 0 where nothing is and nothing was called class 1. */
export function f1(net, rows, labels) {
  let hits = 0, claimed = 0, positives = 0;
  rows.forEach((x, i) => {
    const said = forward(net, x).logits[0] >= 0;
    hits += said && labels[i] > 0;
    claimed += said;
    positives += labels[i] > 0;
  });
  return claimed + positives ? (2 * hits) / (claimed + positives) : 0;
}
