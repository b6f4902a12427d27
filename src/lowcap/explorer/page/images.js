// Looking into a network that tells two classes of images apart.

import { HERE, offer } from "./choosing.js";
import { part } from "./controls.js";
import { corrupted } from "./corruption.js";
import { decide } from "./decision.js";
import { digit, read, written } from "./drawing.js";
import { networkOf } from "./data.js";
import { element, paintImage, paintSigned, scaleOf, shown } from "./marks.js";
import { METHODS, forward } from "./network.js";
import { Pad } from "./pad.js";
import { Ranks, linked } from "./pruning.js";
import { nearest } from "./state.js";
import { Units, ordered } from "./units.js";

const THUMBNAILS = 24;
const LEVELS = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97,
  0.98, 0.985, 0.99, 0.995, 1];

export const IMAGE_DEFAULTS = {
  view: "look", sparsity: 0, noise: 0, occlusion: 0, draw: 0, map: "gradient x input", strokes: "",
};

export class ImageLook {
  /** page: { description, arrays, state, set }, as `main.js` makes it. */
  constructor(page) {
    const { description, arrays } = page;
    Object.assign(this, { page, shape: description.shape });
    this.entries = description.networks.map((entry) => ({ ...entry, net: networkOf(entry, arrays.weights) }));
    this.pixels = this.shape.reduce((a, b) => a * b, 1);
    const there = new Set(this.entries.map(({ task }) => task));
    description.tasks = description.tasks.filter(({ id }) => there.has(id));
    this.units = new Units(part("units"));
    this.pad = new Pad(part("pad"), (strokes, ended) => {
      this.live = strokes;
      if (ended) this.live = null;
      page.set(ended ? { strokes: written(strokes), image: -1 } : {}, { store: ended });
    });
    part("clear").addEventListener("click", () => this.pad.clear());
    part("other").addEventListener("click", () => this.another());
    part("redraw").addEventListener("click", () => page.set({ draw: page.state.draw + 1 }));
    part("only-wrong").addEventListener("change", () => this.thumbnails(true));
    part("map").append(...Object.keys(METHODS).map((name) => element("option", { value: name }, name)));
    part("map").addEventListener("change", (event) => page.set({ map: event.target.value }));
    const grey = this.shape.length === 2;
    part("pad-words").hidden = part("clear").hidden = !grey;
    part("no-pad").hidden = grey;
    if (!grey) part("pad").style.pointerEvents = "none";
    part("rounded").hidden = !description.rounded;
  }

  /** A network that was trained on the page. */
  add(net, task, seed) {
    this.entries = this.entries.filter((entry) => entry.protocol !== HERE);
    this.entries.push({ net, task, seed, protocol: HERE, hidden: net.hidden, inputs: net.inputs });
  }

  /** The state with each choice one that there is. */
  settled(state) {
    const { tasks, protocols } = this.page.description;
    const found = { ...state };
    found.task = nearest(state.task ?? tasks.at(-1).id, tasks.map(({ id }) => id));
    const of = (...names) => this.entries.filter((e) => names.every((name) => e[name] === found[name]));
    const values = (entries, name) => [...new Set(entries.map((entry) => entry[name]))];
    const known = Object.keys(protocols).reverse();
    const there = values(of("task"), "protocol");
    found.protocol = nearest(state.protocol, [...known, HERE].filter((name) => there.includes(name)));
    found.hidden = nearest(state.hidden ?? 24, values(of("task", "protocol"), "hidden").sort((a, b) => a - b));
    found.seed = nearest(state.seed ?? 0, values(of("task", "protocol", "hidden"), "seed").sort((a, b) => a - b));
    const images = this.imagesOf(found.task);
    if (found.image !== -1 && !images.includes(found.image)) [found.image] = images;
    if (!(state.map in METHODS)) found.map = IMAGE_DEFAULTS.map;
    const most = Math.min(20, this.shape[0], this.shape[1]);
    found.sparsity = Math.min(1, Math.max(0, state.sparsity));
    found.noise = Math.min(1, Math.max(0, state.noise));
    found.occlusion = Math.min(most, Math.max(0, Math.round(state.occlusion)));
    return found;
  }

  /** Numbers of the test images of a task. */
  imagesOf(id) {
    const { labels } = this.page.description.tasks.find((task) => task.id === id);
    const all = this.page.arrays.test_labels;
    return Array.from(all.keys()).filter((k) => labels.includes(all[k]));
  }

  imageAt(number, name = "test") {
    const bytes = this.page.arrays[`${name}_images`];
    return Float32Array.from(bytes.subarray(number * this.pixels, (number + 1) * this.pixels), (b) => b / 255);
  }

  /** Something that is only computed again when its key changes. */
  once(name, key, make) {
    this.kept ??= {};
    const text = JSON.stringify(key);
    if (this.kept[name]?.text !== text) this.kept[name] = { text, value: make() };
    return this.kept[name].value;
  }

  /** The chosen network, whole and as it is after pruning. */
  chosen() {
    const { task, protocol, hidden, seed, sparsity } = this.page.state;
    const same = (e) => e.task === task && e.protocol === protocol && e.hidden === hidden && e.seed === seed;
    const entry = this.entries.find(same);
    const number = this.entries.indexOf(entry);
    const key = [number, protocol === HERE ? entry.net.w1[0] : 0];
    const ranks = this.once("ranks", key, () => new Ranks(entry.net));
    const net = this.once("pruned", [...key, sparsity], () => ranks.prune(sparsity));
    return { whole: entry.net, net, ranks, key: [...key, sparsity] };
  }

  /** What is looked at: the image in clean form, null without ink. */
  clean() {
    const { strokes, image } = this.page.state;
    const drawn = this.live ?? read(strokes);
    if (drawn.length) return digit(drawn, this.shape[0]);
    return image === -1 ? null : this.imageAt(image);
  }

  /** The task's test images as the networks see them now. */
  testRows() {
    const { task, noise, occlusion, draw } = this.page.state;
    return this.once("rows", [task, noise, occlusion, draw], () =>
      this.imagesOf(task).map((k) =>
        corrupted(this.imageAt(k), this.shape, { noise, occlusion, draw: `${draw} image ${k}` })));
  }

  labels() {
    const { task } = this.page.state;
    const { labels } = this.page.description.tasks.find((one) => one.id === task);
    return this.imagesOf(task).map((k) => Number(this.page.arrays.test_labels[k] === labels[1]));
  }

  render() {
    const { state, description } = this.page;
    if (!state.strokes) this.live = this.pad.pen ? this.live : null;
    const task = description.tasks.find(({ id }) => id === state.task);
    const { whole, net, ranks, key } = this.chosen();
    offer(this.page, this.entries, task, ranks);
    const clean = this.clean();
    const drawing = this.live ?? read(state.strokes);
    this.pad.show(drawing.length || state.image === -1
      ? { strokes: drawing } : { image: { values: this.imageAt(state.image), shape: this.shape } });
    const seen = clean && corrupted(clean, this.shape, state);
    const said = seen && forward(net, seen);
    const before = clean && forward(whole, clean).logits[0];
    const map = this.pictures(net, seen);
    decide(task, said?.logits[0], before, drawing.length || state.image < 0 ? null
      : task.labels.indexOf(this.page.arrays.test_labels[state.image]));
    const scores = this.scores(net, key);
    const paths = this.once("linked", [...key, state.task], () => linked(net, this.page.arrays[`used_${state.task}`]));
    const limit = this.once("limit", key.slice(0, 2), () => scaleOf(whole.w1));
    const states = Array.from({ length: net.hidden }, (_, unit) => ({
      linked: paths[unit], alive: scores.alive[unit], answer: said?.hidden[unit] ?? 0,
      push: (said?.hidden[unit] ?? 0) * net.w2[unit],
    }));
    const order = this.once("order", key.slice(0, 2), () => ordered(whole));
    this.units.update({ net, order, limit, shape: this.shape, states, names: task.names });
    this.summary(states, limit, scores, whole, key);
    this.thumbnails();
    this.now = { logit: said?.logits[0], logits: scores.logits, f1: scores.f1, states, map };
  }

  pictures(net, seen) {
    const blank = new Float32Array(this.pixels);
    paintImage(part("seen"), seen ?? blank, this.shape);
    const map = seen ? METHODS[this.page.state.map](net, seen) : blank;
    paintSigned(part("saliency"), map, this.shape, scaleOf(map, 0.998));
    return map;
  }

  /** How the network does on the task's test images, and which units answer any clean one of them. */
  scores(net, key) {
    const { task, noise, occlusion, draw } = this.page.state;
    const alive = this.once("alive", [...key, task], () => {
      const found = Array(net.hidden).fill(false);
      for (const k of this.imagesOf(task))
        forward(net, this.imageAt(k)).hidden.forEach((value, unit) => { found[unit] ||= value > 0; });
      return found;
    });
    const { logits, f1 } = this.once("scores", [...key, task, noise, occlusion, draw], () =>
      this.scored(net, this.testRows()));
    return { alive, logits, f1 };
  }

  scored(net, rows) {
    const labels = this.labels();
    const logits = rows.map((x) => forward(net, x).logits[0]);
    let hits = 0, claimed = 0, positives = 0;
    logits.forEach((z, i) => { hits += z >= 0 && labels[i]; claimed += z >= 0; positives += labels[i]; });
    return { logits, f1: claimed + positives ? (2 * hits) / (claimed + positives) : 0 };
  }

  summary(states, limit, scores, whole, key) {
    const count = (name) => states.filter(({ linked: path, alive }) => ({
      cut: !path, dead: path && !alive, alive: path && alive })[name]).length;
    const told = [`${count("alive")} alive`, `${count("dead")} dead`, `${count("cut")} cut off`];
    part("unit-counts").textContent = `${states.length} hidden unit${states.length > 1 ? "s" : ""}: ${told.join(", ")}`;
    part("legend-low").textContent = shown(-limit);
    part("legend-high").textContent = shown(limit, { plus: true });
    const { noise, occlusion, sparsity } = this.page.state;
    const tests = scores.logits.length;
    const changed = noise || occlusion || sparsity;
    part("f1").textContent = `F1 ${shown(scores.f1, { digits: 3 })}`;
    part("f1-words").textContent = changed
      ? `on the ${tests} test images of this page, all as you set it; untouched`
        + ` ${shown(this.once("untouched", [key.slice(0, 2), this.page.state.task], () =>
          this.scored(whole, this.imagesOf(this.page.state.task).map((k) => this.imageAt(k))).f1), { digits: 3 })}`
      : `on the ${tests} test images of this page`;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.cliff(key), 60);
  }

  /** F1 on clean test images against sparsity, above the slider. */
  cliff(key) {
    const { ranks } = this.chosen();
    const points = this.once("cliff", [key.slice(0, 2), this.page.state.task], () => {
      const rows = this.imagesOf(this.page.state.task).map((k) => this.imageAt(k));
      return LEVELS.map((level) => [level, this.scored(ranks.prune(level), rows).f1]);
    });
    const path = points.map(([x, y], k) => `${k ? "L" : "M"}${100 * x} ${30 - 28 * y}`).join("");
    part("cliff-line").setAttribute("d", path);
    part("cliff-now").setAttribute("x1", 100 * this.page.state.sparsity);
    part("cliff-now").setAttribute("x2", 100 * this.page.state.sparsity);
  }

  another() {
    const images = this.imagesOf(this.page.state.task);
    const at = images.indexOf(this.page.state.image);
    this.live = null;
    this.page.set({ image: images[(at + 1) % images.length], strokes: "" });
  }

  /** Test images to pick from; those that the network gets wrong are marked. */
  thumbnails(anew = false) {
    const { state } = this.page;
    const images = this.imagesOf(state.task);
    const { logits } = this.scores(this.chosen().net, this.chosen().key);
    const labels = this.labels();
    const wrong = images.filter((_, i) => logits[i] >= 0 !== labels[i] > 0);
    const only = part("only-wrong").checked;
    part("wrong-count").textContent = `${wrong.length} of ${images.length}`;
    const list = (only ? wrong : images).slice(0, THUMBNAILS);
    const home = part("thumbnails");
    if (anew || home.dataset.key !== list.join()) {
      home.dataset.key = list.join();
      home.replaceChildren(...list.map((number) => {
        const canvas = element("canvas", { "aria-hidden": "true" });
        paintImage(canvas, this.imageAt(number), this.shape);
        return element("button", { type: "button", "data-image": number, onclick: () => {
          this.live = null;
          this.page.set({ image: number, strokes: "" });
        } }, canvas);
      }));
    }
    part("none-wrong").hidden = !(only && !list.length);
    const { names, labels: pair } = this.page.description.tasks.find(({ id }) => id === state.task);
    for (const button of home.children) {
      const number = Number(button.dataset.image);
      const bad = wrong.includes(number);
      const name = names[pair.indexOf(this.page.arrays.test_labels[number])];
      button.classList.toggle("wrong", bad);
      button.setAttribute("aria-pressed", String(!state.strokes && state.image === number));
      button.setAttribute("aria-label", `Test image ${number}, ${name}${bad ? ", which this network gets wrong" : ""}`);
    }
  }

  repaint() {
    this.units.forget();
    this.pad.paint();
  }
}
