// What Python put into the page: a description in JSON, and arrays in one gzip archive.

const KINDS = { f4: Float32Array, i4: Int32Array, u1: Uint8Array, i1: Int8Array };

/** Bytes of a base64 text. */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** What gzip made smaller, as it was. */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Arrays by name from the archive.
 *
 * Numbers of four bytes stand there in planes, the first bytes of all of them before the second
 * ones: so they compress better.
 */
export function unpack(index, bytes) {
  const arrays = {};
  for (const { name, kind, start, length } of index) {
    const size = KINDS[kind].BYTES_PER_ELEMENT;
    const own = bytes.subarray(start, start + length * size);
    const plain = new Uint8Array(length * size);
    for (let plane = 0; plane < size; plane++)
      for (let i = 0; i < length; i++) plain[i * size + plane] = own[plane * length + i];
    arrays[name] = new KINDS[kind](plain.buffer);
  }
  return arrays;
}

/** A network as the other files use it, from its place among the weights of all networks. */
export function networkOf(entry, weights) {
  const { inputs, hidden, outputs, start } = entry;
  const first = hidden || outputs;
  const sizes = [first * inputs, first, ...(hidden ? [outputs * hidden, outputs] : [])];
  let place = start;
  const [w1, b1, w2, b2] = sizes.map((size) => weights.subarray(place, (place += size)));
  return { inputs, hidden, outputs, w1, b1, w2, b2 };
}
