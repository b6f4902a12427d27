// Two small charts of a training: the loss, and F1, against steps.

import { element } from "./marks.js";

const WIDTH = 360, HEIGHT = 150, LEFT = 34, BOTTOM = 22, TOP = 8, RIGHT = 8;
const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A round number of steps that an axis ends at. */
export function reach(steps) {
  const least = Math.max(100, steps);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 1.5, 2, 3, 4, 5, 7.5, 10].map((factor) => factor * power).find((end) => end >= least);
}

/** At most so many points of a curve, each the mean of its neighbours. */
export function thinned(values, most = 240) {
  const width = Math.max(1, Math.ceil(values.length / most));
  const found = [];
  for (let start = 0; start < values.length; start += width) {
    const some = values.slice(start, start + width);
    found.push([start + (some.length - 1) / 2, some.reduce((a, b) => a + b, 0) / some.length]);
  }
  return found;
}

/** Draw curves: each has points [step, value], a class, and a name. */
export function chart(home, { curves, end, low, high, mark }) {
  const x = (step) => LEFT + ((WIDTH - LEFT - RIGHT) * step) / end;
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
  const parts = [];
  for (const value of [low, (low + high) / 2, high]) {
    parts.push(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }));
    parts.push(svg("text", { x: LEFT - 5, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(2).replace(/^0\./, ".")));
  }
  for (const step of [0, end / 2, end])
    parts.push(svg("text", { x: x(step), y: HEIGHT - 6, "text-anchor": step === 0 ? "start" : step === end ? "end" : "middle" }, step.toLocaleString("en")));
  if (mark) {
    parts.push(svg("line", { class: "mark", x1: x(mark), x2: x(mark), y1: TOP, y2: HEIGHT - BOTTOM }));
  }
  for (const { points, kind } of curves) {
    if (!points.length) continue;
    const path = points.map(([step, value], k) => `${k ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    parts.push(svg("path", { class: kind, d: path }));
  }
  home.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  home.replaceChildren(...parts);
}

/** The names of a chart's curves beside their colours. */
export function key(home, names) {
  home.replaceChildren(...names.map(([kind, name]) =>
    element("span", { class: "key" }, element("i", { class: kind }), name)));
}
