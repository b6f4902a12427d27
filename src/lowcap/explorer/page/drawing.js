// From strokes of a pen to an image like those the networks know, and to a few letters in a link.
//
// A stroke is a list of points [x, y] with coordinates from 0 to 63.

export const GRID = 63;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BOX = 20 / 28; // of an image's side: the digits of MNIST fill a box of 20 of 28 pixels
const PEN = 1.35 / 28; // radius of the pen, of an image's side

/** How far a point lies from the piece of line between two others. */
function distance(x, y, [ax, ay], [bx, by]) {
  const dx = bx - ax, dy = by - ay;
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Strokes in pixels drawn with a round pen whose edge is one pixel soft. */
export function rasterise(strokes, side, radius) {
  const image = new Float32Array(side * side);
  for (const stroke of strokes) {
    for (let k = 0; k < stroke.length; k++) {
      const from = stroke[Math.max(k - 1, 0)], to = stroke[k];
      const left = Math.floor(Math.min(from[0], to[0]) - radius - 1);
      const right = Math.ceil(Math.max(from[0], to[0]) + radius + 1);
      const top = Math.floor(Math.min(from[1], to[1]) - radius - 1);
      const bottom = Math.ceil(Math.max(from[1], to[1]) + radius + 1);
      for (let row = Math.max(top, 0); row <= Math.min(bottom, side - 1); row++) {
        for (let column = Math.max(left, 0); column <= Math.min(right, side - 1); column++) {
          const ink = radius + 0.5 - distance(column + 0.5, row + 0.5, from, to);
          const place = row * side + column;
          image[place] = Math.max(image[place], Math.min(1, Math.max(0, ink)));
        }
      }
    }
  }
  return image;
}

/** The centre of an image's mass in pixels, [x, y]; null without ink. */
export function centre(image, side) {
  let mass = 0, x = 0, y = 0;
  image.forEach((ink, place) => {
    mass += ink;
    x += ink * ((place % side) + 0.5);
    y += ink * (Math.floor(place / side) + 0.5);
  });
  return mass > 0 ? [x / mass, y / mass] : null;
}

/**
 * Strokes as MNIST would have them: scaled to fit the box, its proportions kept, then moved so that
 * the centre of mass lies in the middle. Null without ink.
 */
export function digit(strokes, side) {
  const points = strokes.flat();
  if (!points.length) return null;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const extent = Math.max(Math.max(...xs) - left, Math.max(...ys) - top);
  const radius = PEN * side;
  // A dot stays a dot: what is smaller than an eighth of the pad is not blown up to fill the box.
  const scale = (BOX * side - 2 * radius) / Math.max(extent, GRID / 8);
  const placed = (dx, dy) =>
    strokes.map((stroke) => stroke.map(([x, y]) => [(x - left) * scale + dx, (y - top) * scale + dy]));
  const margin = ((1 - BOX) / 2) * side + radius;
  const middle = centre(rasterise(placed(margin, margin), side, radius), side);
  const [dx, dy] = middle.map((at) => side / 2 - at);
  return rasterise(placed(margin + dx, margin + dy), side, radius);
}

/** Strokes as letters for a link: two a point, a dot between strokes. */
export function written(strokes) {
  return strokes
    .map((stroke) => stroke.flat().map((value) => LETTERS[Math.round(value)]).join(""))
    .join(".");
}

/** Strokes from the letters of a link; what cannot be read is left out. */
export function read(text) {
  const strokes = text.split(".").map((part) => {
    const values = [...part].map((letter) => LETTERS.indexOf(letter)).filter((v) => v >= 0);
    return Array.from({ length: values.length >> 1 }, (_, k) => [values[2 * k], values[2 * k + 1]]);
  });
  return strokes.filter((stroke) => stroke.length);
}

/** A stroke without points that add nothing: a link should stay short. */
export function thinned(stroke, apart = 1.5) {
  const kept = [];
  stroke.forEach(([x, y], k) => {
    const point = [Math.min(GRID, Math.max(0, Math.round(x))), Math.min(GRID, Math.max(0, Math.round(y)))];
    const last = kept.at(-1);
    const far = !last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= apart;
    if (far || (k === stroke.length - 1 && (point[0] !== last[0] || point[1] !== last[1]))) kept.push(point);
  });
  return kept;
}
