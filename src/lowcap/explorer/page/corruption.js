// Noise and occlusion, from random streams that have a name, as everywhere in lowcap.

/** A generator of numbers in [0, 1) for one purpose and its keys. */
export function stream(name, ...keys) {
  let state = 0x811c9dc5; // FNV-1a over the name and the keys, each ended by a mark
  for (const character of [name, ...keys].map((part) => `${typeof part}:${part}\n`).join("")) {
    state = Math.imul(state ^ character.codePointAt(0), 0x01000193);
  }
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normal numbers of mean 0 and deviation 1 (Box and Muller). */
export function normals(uniform, count) {
  const found = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    found[i] = radius * Math.cos(angle);
    if (i + 1 < count) found[i + 1] = radius * Math.sin(angle);
  }
  return found;
}

/** N(0, sigma) added to every value, then clipped to [0, 1]. */
export function gaussianNoise(x, sigma, seed) {
  if (!sigma) return x;
  const noise = normals(stream("explorer noise", seed), x.length);
  return x.map((value, i) => Math.min(1, Math.max(0, value + sigma * noise[i])));
}

/** Where a square patch lies: its upper left corner, uniform where it fits. */
export function patchOf(shape, size, seed) {
  const uniform = stream("explorer occlusion", seed);
  const [height, width] = shape;
  return [Math.floor(uniform() * (height - size + 1)), Math.floor(uniform() * (width - size + 1))];
}

/** One size x size patch set to 0, in all channels of a pixel. */
export function occlude(x, shape, size, seed) {
  if (!size) return x;
  const [, width, channels = 1] = shape;
  const [top, left] = patchOf(shape, size, seed);
  return x.map((value, i) => {
    const pixel = Math.floor(i / channels);
    const row = Math.floor(pixel / width) - top;
    const column = (pixel % width) - left;
    return row >= 0 && row < size && column >= 0 && column < size ? 0 : value;
  });
}

/** What a network sees: noise first, then the patch. */
export function corrupted(x, shape, { noise, occlusion, draw }) {
  return occlude(gaussianNoise(x, noise, draw), shape, occlusion, draw);
}
