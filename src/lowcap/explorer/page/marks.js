// Painting: pixels of images and of weights, in the colours of the reader's theme.

/** A colour of the page by the name of its CSS variable, as [red, green, blue]. */
export function colour(name) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

/** Three bytes between two colours. */
function mix(from, to, share) {
  return from.map((value, k) => value + share * (to[k] - value));
}

/** Paint pixels; `of` gives the colour of each. */
function paint(canvas, [height, width], of) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < height * width; pixel++) {
    image.data.set(of(pixel), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** An image with values from 0 (black) to 1, of grey or of three channels. */
export function paintImage(canvas, values, shape) {
  const channels = shape[2] ?? 1;
  paint(canvas, shape, (pixel) =>
    [0, 1, 2].map((k) => 255 * values[pixel * channels + (channels > 1 ? k : 0)]),
  );
}

/** The colours of signed values: below 0, at 0, above 0. */
export function signedColours() {
  const [negative, middle, positive] = ["negative", "card", "positive"].map(colour);
  return (share) => mix(middle, share < 0 ? negative : positive, Math.min(1, Math.abs(share)));
}

/** Signed values of pixels on a scale from -limit to limit; channels are averaged. */
export function paintSigned(canvas, values, shape, limit, colours = signedColours()) {
  const channels = shape[2] ?? 1;
  paint(canvas, shape, (pixel) => {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += values[pixel * channels + k];
    return colours(limit ? sum / channels / limit : 0);
  });
}

/** The magnitude below which a share of the values lies: a scale that single ones do not set. */
export function scaleOf(values, share = 0.995) {
  const sorted = Float32Array.from(values, Math.abs).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] || 1;
}

/** A number in few digits with a real minus, and a plus if asked for. */
export function shown(value, { digits = 2, plus = false } = {}) {
  const text = Math.abs(value).toFixed(digits);
  const zero = Number(text) === 0;
  return (zero ? "" : value < 0 ? "−" : plus ? "+" : "") + text;
}

/** A share as per cent. */
export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`;

/** An element with attributes and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}
