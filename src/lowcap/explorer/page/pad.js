// The pad to draw on: with a mouse, a finger, a pen, or the keyboard.

import { GRID, thinned } from "./drawing.js";
import { colour, paintImage } from "./marks.js";

const STEP = 2; // of the grid, that an arrow key moves the pen
const WIDTH = 5; // of a line, of the grid

export class Pad {
  /** Calls `onchange` with all strokes after each move of the pen; `ended` tells whether it was lifted. */
  constructor(canvas, onchange) {
    Object.assign(this, { canvas, onchange, strokes: [], image: null, pen: null, down: false });
    this.cursor = [GRID / 2, GRID / 4];
    canvas.addEventListener("pointerdown", (event) => this.start(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => this.lift());
    canvas.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["focus", "blur"]) canvas.addEventListener(name, () => this.focus());
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const along = (at, from, size) => Math.min(GRID, Math.max(0, ((at - from) / size) * GRID));
    return [along(event.clientX, box.left, box.width), along(event.clientY, box.top, box.height)];
  }

  begin(point) {
    this.image = null;
    this.pen = [point];
    this.strokes = [...this.strokes, this.pen];
  }

  start(event) {
    if (event.button) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.down = false;
    this.begin(this.point(event));
    this.changed(false);
  }

  move(event) {
    if (!this.pen || this.down) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.pen.push(this.point(one));
    this.changed(false);
  }

  lift() {
    if (!this.pen || this.down) return;
    this.strokes[this.strokes.length - 1] = thinned(this.pen);
    this.pen = null;
    this.changed(true);
  }

  focus() {
    if (document.activeElement !== this.canvas && this.down) this.toggle();
    this.paint();
  }

  /** Put the pen down or lift it, by the keyboard. */
  toggle() {
    this.down = !this.down;
    if (this.down) this.begin([...this.cursor]);
    else {
      this.strokes[this.strokes.length - 1] = thinned(this.pen);
      this.pen = null;
    }
    this.changed(!this.down);
  }

  key(event) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const by = moves[event.key];
    if (by) {
      this.cursor = this.cursor.map((at, k) => Math.min(GRID, Math.max(0, at + STEP * by[k])));
      if (this.down) this.pen.push([...this.cursor]);
      this.changed(false);
    } else if (event.key === " " || event.key === "Enter") this.toggle();
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else return;
    event.preventDefault();
  }

  clear() {
    Object.assign(this, { strokes: [], image: null, pen: null, down: false });
    this.changed(true);
  }

  changed(ended) {
    this.paint();
    this.onchange(this.strokes, ended);
  }

  /** Show strokes from elsewhere, or an image instead of them. */
  show({ strokes = [], image = null }) {
    if (this.pen) return;
    Object.assign(this, { strokes, image });
    this.paint();
  }

  paint() {
    const { canvas, image } = this;
    if (image && !this.strokes.length) {
      paintImage(canvas, image.values, image.shape);
      return;
    }
    const side = Math.round(280 * Math.min(2, devicePixelRatio || 1));
    Object.assign(canvas, { width: side, height: side });
    const context = canvas.getContext("2d");
    const css = (name) => `rgb(${colour(name).join(" ")})`;
    context.fillStyle = css("black");
    context.fillRect(0, 0, side, side);
    context.scale(side / GRID, side / GRID);
    Object.assign(context, { lineWidth: WIDTH, lineCap: "round", lineJoin: "round", strokeStyle: css("white") });
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke) context.lineTo(...point);
      context.stroke();
    }
    if (canvas.matches(":focus-visible")) {
      const [x, y] = this.cursor;
      Object.assign(context, { lineWidth: 0.7, strokeStyle: css(this.down ? "positive" : "gold") });
      context.beginPath();
      context.arc(x, y, 2.6, 0, 7);
      context.stroke();
    }
  }
}
