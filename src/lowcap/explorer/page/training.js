// Training one network by gradient descent, as `lowcap.fit(..., optimizer="sgd")` does.

import { normals, stream } from "./corruption.js";

/** Fresh weights by the name of an initialiser; biases are 0. */
export function initial(name, inputs, hidden, seed) {
  const uniform = stream("explorer initial weights", name, hidden, seed);
  const draw = (count, fans) => {
    if (name === "normal_01") return normals(uniform, count).map((value) => 0.1 * value);
    const bound = Math.sqrt(6 / fans);
    return Float32Array.from({ length: count }, () => bound * (2 * uniform() - 1));
  };
  return {
    inputs, hidden, outputs: 1,
    w1: draw(hidden * inputs, inputs + hidden), b1: new Float32Array(hidden),
    w2: draw(hidden, hidden + 1), b2: new Float32Array(1),
  };
}

/** Images as lists of their values above 0: most pixels are black and cost nothing. */
export function sparse(bytes, count, inputs) {
  const starts = new Int32Array(count + 1);
  const places = [], values = [];
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < inputs; i++) {
      const value = bytes[row * inputs + i];
      if (value) { places.push(i); values.push(Math.fround(value / 255)); }
    }
    starts[row + 1] = places.length;
  }
  return { count, inputs, starts, places: Int32Array.from(places), values: Float32Array.from(values) };
}

/** The order in which an epoch goes through the rows, shuffled anew each time. */
export function shuffled(count, seed, epoch) {
  const uniform = stream("explorer batch order", seed, epoch);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(uniform() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

/** A network in training. Its first layer is held input by input, as single pixels are looked up. */
export class Trainer {
  constructor(net, rate) {
    const { inputs, hidden } = net;
    Object.assign(this, { inputs, hidden, rate });
    this.w1 = new Float32Array(inputs * hidden);
    for (let unit = 0; unit < hidden; unit++)
      for (let i = 0; i < inputs; i++) this.w1[i * hidden + unit] = net.w1[unit * inputs + i];
    this.b1 = Float32Array.from(net.b1);
    this.w2 = Float32Array.from(net.w2);
    this.b2 = net.b2[0];
    this.slope = new Float32Array(inputs * hidden);
    this.slopes = { b1: new Float32Array(hidden), w2: new Float32Array(hidden), b2: 0 };
    this.values = new Float32Array(hidden);
    this.back = new Float32Array(hidden);
  }

  /** The logit of one row; the hidden units' values stay in `values`. */
  logit(data, row) {
    const { hidden, w1, w2, values } = this;
    values.set(this.b1);
    for (let k = data.starts[row]; k < data.starts[row + 1]; k++) {
      const value = data.values[k];
      for (let unit = 0, place = data.places[k] * hidden; unit < hidden; unit++, place++)
        values[unit] += value * w1[place];
    }
    let sum = this.b2;
    for (let unit = 0; unit < hidden; unit++) if (values[unit] > 0) sum += w2[unit] * values[unit];
    return sum;
  }

  /** One step on some rows by the gradient of their mean cross-entropy, which is returned. */
  step(data, labels, rows) {
    const { hidden, w1, w2, values, back, slope, slopes } = this;
    slope.fill(0); slopes.b1.fill(0); slopes.w2.fill(0); slopes.b2 = 0;
    let loss = 0;
    for (const row of rows) {
      const z = this.logit(data, row);
      const probability = 1 / (1 + Math.exp(-z));
      loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - labels[row] * z;
      const error = (probability - labels[row]) / rows.length;
      slopes.b2 += error;
      for (let unit = 0; unit < hidden; unit++) {
        const alive = values[unit] > 0;
        back[unit] = alive ? error * w2[unit] : 0;
        slopes.b1[unit] += back[unit];
        if (alive) slopes.w2[unit] += error * values[unit];
      }
      for (let k = data.starts[row]; k < data.starts[row + 1]; k++) {
        const value = data.values[k];
        for (let unit = 0, place = data.places[k] * hidden; unit < hidden; unit++, place++)
          slope[place] += value * back[unit];
      }
    }
    for (let i = 0; i < w1.length; i++) w1[i] -= this.rate * slope[i];
    for (let unit = 0; unit < hidden; unit++) {
      this.b1[unit] -= this.rate * slopes.b1[unit];
      w2[unit] -= this.rate * slopes.w2[unit];
    }
    this.b2 -= this.rate * slopes.b2;
    return loss / rows.length;
  }

  /** F1 of class 1 on all rows. */
  f1(data, labels) {
    let hits = 0, claimed = 0, positives = 0;
    for (let row = 0; row < data.count; row++) {
      const said = this.logit(data, row) >= 0;
      hits += said && labels[row] > 0;
      claimed += said;
      positives += labels[row] > 0;
    }
    return claimed + positives ? (2 * hits) / (claimed + positives) : 0;
  }

  /** The network as the other files use it. */
  network() {
    const { inputs, hidden } = this;
    const w1 = new Float32Array(inputs * hidden);
    for (let unit = 0; unit < hidden; unit++)
      for (let i = 0; i < inputs; i++) w1[unit * inputs + i] = this.w1[i * hidden + unit];
    return {
      inputs, hidden, outputs: 1, w1,
      b1: this.b1.slice(), w2: this.w2.slice(), b2: Float32Array.of(this.b2),
    };
  }
}

/** Which rows each step takes: all, or batch after batch of every epoch's order. */
export class Batches {
  constructor(count, size, seed, order = null) {
    Object.assign(this, { count, size: size || count, seed, order, epoch: 0, start: 0 });
    this.everyone = Int32Array.from({ length: count }, (_, i) => i);
  }

  next() {
    if (this.start === 0) {
      const full = this.size >= this.count && !this.order;
      this.rows = full ? this.everyone
        : this.order ? this.order[this.epoch % this.order.length]
        : shuffled(this.count, this.seed, this.epoch);
    }
    const rows = this.rows.slice(this.start, this.start + this.size);
    this.start += this.size;
    if (this.start >= this.rows.length) { this.start = 0; this.epoch++; }
    return rows;
  }
}
