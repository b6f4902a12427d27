// Training a network on the page, in a worker so that the page stays quick.

import { choices, part, say, setSlider } from "./controls.js";
import { chart, reach, thinned } from "./curves.js";
import { scaleOf, shown } from "./marks.js";
import { Units } from "./units.js";

const RATE = 0.03; // the paper's
const PAPER = 100; // full-batch steps, after which the paper stopped
const LIMIT = 3000;

export const WAYS = {
  full: { words: "all images at once", initialiser: "normal_01", batch: 0,
    explanation: "as the paper's code did: full-batch steps from weights N(0, 0.1)" },
  128: { words: "batches of 128", initialiser: "xavier_uniform", batch: 128,
    explanation: "as its text says: mini-batches from Xavier-uniform weights" },
};
const PACES = [[10, "10 steps a second"], [40, "40"], [200, "200"], [0, "as fast as it goes"]];

/** The page's images of one task, with labels 0 and 1. */
export function rowsOf(page, id, name) {
  const { labels } = page.description.tasks.find((task) => task.id === id);
  const all = page.arrays[`${name}_labels`], pixels = page.description.shape.reduce((a, b) => a * b, 1);
  const rows = Array.from(all.keys()).filter((k) => labels.includes(all[k]));
  const images = new Uint8Array(rows.length * pixels);
  rows.forEach((row, k) => images.set(page.arrays[`${name}_images`].subarray(row * pixels, (row + 1) * pixels), k * pixels));
  return { images, labels: Uint8Array.from(rows, (row) => Number(all[row] === labels[1])) };
}

export class Training {
  /** look: where a trained network can be looked into. */
  constructor(page, look) {
    Object.assign(this, { page, look, number: 0, pace: 40, latest: null, playing: false });
    this.units = new Units(part("train-units"));
    const source = part("worker").textContent;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    this.worker = new Worker(url);
    URL.revokeObjectURL(url);
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.listeners = new Map();
    part("play").addEventListener("click", () => this.toggle());
    part("again").addEventListener("click", () => this.restart());
    part("inside").addEventListener("click", () => {
      const { task } = this.page.state;
      this.look.add(this.latest.network, task, this.number);
      this.page.set({ view: "look", task, protocol: "here", hidden: this.latest.network.hidden, seed: this.number });
    });
    part("pace").addEventListener("change", (event) => {
      this.pace = Number(event.target.value);
      this.worker.postMessage({ kind: "pace", pace: this.pace });
    });
    part("width").addEventListener("input", (event) => page.set({ width: Number(event.target.value) }));
    part("painted").addEventListener("change", () => this.draw());
    for (const [value, words] of PACES) part("pace").append(new Option(words, value, value === 40, value === 40));
  }

  /** Train in the worker by a full description; resolves with all losses when it is done. */
  train(asked) {
    this.number += 1;
    const number = this.number;
    const { description, state } = this.page;
    const inputs = description.shape.reduce((a, b) => a * b, 1);
    const task = asked.task ?? state.task;
    const whole = {
      kind: "start", number, inputs, rate: RATE, pace: 0, limit: LIMIT, seed: number, mark: PAPER,
      initialiser: "xavier_uniform", batch: 0, order: null,
      train: rowsOf(this.page, task, "train"), test: rowsOf(this.page, task, "test"), ...asked,
    };
    return new Promise((resolve) => {
      const losses = [];
      this.listeners.clear();
      this.listeners.set(number, (message) => {
        losses.push(...message.losses);
        if (message.done) resolve({ ...message, losses });
      });
      this.worker.postMessage(whole);
    });
  }

  begin() {
    const { state } = this.page;
    const way = WAYS[state.batch];
    this.started = `${state.task} ${state.width} ${state.batch}`;
    Object.assign(this, { losses: [], scores: [], stopped: null, latest: null, playing: true });
    this.train({ hidden: state.width, batch: way.batch, initialiser: way.initialiser, pace: this.pace });
    this.showing = this.number;
  }

  toggle() {
    if (!this.playing && !this.latest) this.begin();
    else if (this.latest?.done) this.begin();
    else {
      this.playing = !this.playing;
      this.worker.postMessage({ kind: this.playing ? "resume" : "pause" });
    }
    this.buttons();
  }

  restart() {
    this.begin();
    this.buttons();
  }

  heard(message) {
    this.listeners.get(message.number)?.(message);
    if (message.number !== this.showing) return;
    if (!message.steps) this.fresh = message.network;
    this.losses.push(...message.losses);
    this.scores.push([message.steps, message.trainF1, message.testF1]);
    this.latest = message;
    if (message.done) this.playing = false;
    if (message.steps === PAPER && !this.stopped) {
      this.stopped = message;
      if (this.page.state.batch === "full") say(`Here the paper stopped. F1 ${shown(message.testF1, { digits: 3 })} on test images.`);
    }
    this.draw();
    this.buttons();
  }

  buttons() {
    part("play").textContent = this.playing ? "Pause" : this.latest && !this.latest.done ? "Go on" : "Play";
    part("again").disabled = part("inside").disabled = !this.latest;
  }

  render() {
    const { state, description, set } = this.page;
    choices("train-task", "Tell apart", description.tasks.map(({ id, names }) => [id, names.join(" – "), `Task ${id}`]),
      state.task, (value) => set({ task: value, image: undefined }));
    choices("way", "A step sees", Object.entries(WAYS).reverse().map(([name, { words, explanation }]) => [name, words, explanation]),
      state.batch, (value) => set({ batch: String(value) }));
    part("way-words").textContent = WAYS[state.batch].explanation;
    setSlider("width", state.width, `${state.width} hidden unit${state.width > 1 ? "s" : ""}`);
    const asked = `${state.task} ${state.width} ${state.batch}`;
    if (this.started && this.started !== asked) {
      if (this.playing) this.begin();
      else { this.worker.postMessage({ kind: "pause" }); this.latest = null; this.started = null; this.showing = -1; }
    }
    this.draw();
    this.buttons();
  }

  draw() {
    const { state, description } = this.page;
    const task = description.tasks.find(({ id }) => id === state.task);
    const last = this.latest, full = state.batch === "full";
    const losses = last ? this.losses : [], scores = last ? this.scores : [];
    const end = reach(losses.length);
    const mark = full && losses.length >= PAPER ? PAPER : null;
    chart(part("loss-chart"), { curves: [{ points: thinned(losses), kind: "loss" }], end, low: 0, high: 0.8, mark });
    const at = (k) => scores.map((row) => [row[0], row[k]]);
    chart(part("f1-chart"), { curves: [{ points: at(1), kind: "train" }, { points: at(2), kind: "test" }], end, low: 0, high: 1, mark });
    part("steps").textContent = (last?.steps ?? 0).toLocaleString("en");
    part("speed").textContent = last?.perSecond ? Math.round(last.perSecond).toLocaleString("en") : "–";
    part("train-f1").textContent = last ? shown(last.trainF1, { digits: 3 }) : "–";
    part("test-f1").textContent = last ? shown(last.testF1, { digits: 3 }) : "–";
    part("last-loss").textContent = losses.length ? shown(losses.slice(-5).reduce((a, b) => a + b, 0) / Math.min(5, losses.length), { digits: 3 }) : "–";
    const paper = part("paper");
    paper.hidden = !mark || !this.stopped;
    if (this.stopped && mark) {
      const more = last.steps > PAPER ? ` Since then F1 has gone from ${shown(this.stopped.testF1, { digits: 3 })} to ${shown(last.testF1, { digits: 3 })}.` : "";
      part("paper-words").textContent = ` after ${PAPER} full-batch steps: F1 ${shown(this.stopped.testF1, { digits: 3 })} on test images.${more}`;
    }
    part("train-rows").textContent = this.facts(task);
    if (last) this.pictures(last.network, task);
    else this.units.update({ order: [] });
  }

  /** Units in their order, by their weights or by what training has added to them. */
  pictures(net, task) {
    const changed = part("painted").value === "change";
    const w1 = changed ? net.w1.map((weight, i) => weight - this.fresh.w1[i]) : net.w1;
    const limit = Math.max(scaleOf(w1), 1e-3);
    const order = Array.from({ length: net.hidden }, (_, unit) => unit);
    this.units.update({ net: { ...net, w1 }, order, limit, shape: this.page.description.shape, names: task.names });
    part("train-low").textContent = shown(-limit, { digits: 3 });
    part("train-high").textContent = shown(limit, { digits: 3, plus: true });
  }

  facts(task) {
    const { train_labels: known, test_labels: others } = this.page.arrays;
    const count = (all) => all.filter((label) => task.labels.includes(label)).length;
    const rows = count(known), tests = count(others);
    return `Trains on the ${rows} images of ${task.names.join(" and ")} that this page holds, and tests on `
      + `${tests} others; the run had all of ${this.page.description.dataset}. Learning rate ${RATE}, plain gradient descent.`;
  }

  repaint() {
    this.units.forget();
  }
}
