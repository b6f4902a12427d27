// Magnitude pruning as lowcap does it: exactly k weights of all layers together, by rank.

/** How many of so many weights a sparsity removes: the nearest whole number, halves to the even. */
export function removed(size, sparsity) {
  const exact = sparsity * size;
  const below = Math.floor(exact);
  if (exact - below !== 0.5) return Math.round(exact);
  return below % 2 ? below + 1 : below;
}

/** A network's weights by magnitude, sorted once; any sparsity then costs one comparison each. */
export class Ranks {
  constructor(net) {
    this.net = net;
    this.layers = net.hidden ? [net.w1, net.w2] : [net.w1];
    const total = this.layers.reduce((sum, layer) => sum + layer.length, 0);
    const magnitudes = new Float32Array(total);
    let place = 0;
    for (const layer of this.layers) for (const weight of layer) magnitudes[place++] = Math.abs(weight);
    this.sorted = magnitudes.sort();
  }

  /** The network without its smallest weights; of equal ones the first go. Biases stay. */
  prune(sparsity) {
    const count = removed(this.sorted.length, sparsity);
    if (count === 0) return this.net;
    const most = this.sorted[count - 1];
    let smaller = 0;
    for (let low = 0, high = count - 1; low <= high; ) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle] < most) { low = middle + 1; smaller = low; } else high = middle - 1;
    }
    let equal = count - smaller;
    const kept = this.layers.map((layer) =>
      layer.map((weight) => {
        const size = Math.abs(weight);
        if (size < most) return 0;
        return size === most && equal-- > 0 ? 0 : weight;
      }),
    );
    return { ...this.net, w1: kept[0], ...(this.net.hidden ? { w2: kept[1] } : {}) };
  }
}

/** Of each hidden unit, whether it lies on a path from an input that is used to an output. */
export function linked(net, used) {
  return Array.from({ length: net.hidden }, (_, unit) => {
    let fed = false, heard = false;
    for (let i = 0; i < net.inputs && !fed; i++) fed = used[i] && net.w1[unit * net.inputs + i] !== 0;
    for (let o = 0; o < net.outputs && !heard; o++) heard = net.w2[o * net.hidden + unit] !== 0;
    return Boolean(fed && heard);
  });
}
