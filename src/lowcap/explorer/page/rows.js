// Looking into a network for a user's own table: a row to set, what is predicted, and why.

import { choices, part, say } from "./controls.js";
import { networkOf } from "./data.js";
import { element, paintSigned, percent, scaleOf, shown, signedColours } from "./marks.js";
import { decisive, forward, gradient, probabilities } from "./network.js";
import { nearest } from "./state.js";
import { columnOfInput, inputsOf, wholePrediction } from "./table.js";

export const ROW_DEFAULTS = { view: "look", row: 0, values: "", bits: "" };

const MOST_COLUMNS = 30; // with a slider each; the others are folded away
const OTHER = "\u0000other"; // a category that was not seen in training

/** A row as it stands in a link: only the cells that differ from the picked one. */
export function writtenCells(cells, row) {
  const changed = {};
  cells.forEach((value, k) => { if (value !== row[k]) changed[k] = value; });
  return Object.keys(changed).length ? JSON.stringify(changed) : "";
}

/** The row that a link describes. */
export function readCells(text, row, columns) {
  const cells = [...row];
  let changed = {};
  try { changed = JSON.parse(text || "{}"); } catch { return cells; }
  for (const [k, value] of Object.entries(changed ?? {})) {
    const number = columns[k]?.kind === "number";
    if (columns[k] && (value === null || typeof value === (number ? "number" : "string"))) cells[k] = value;
  }
  return cells;
}

export class RowLook {
  constructor(page) {
    this.page = page;
    this.entries = page.description.networks.map((entry) => ({ ...entry, net: networkOf(entry, page.arrays.weights) }));
    this.owners = columnOfInput(page.description.columns);
    part("row").addEventListener("change", (event) => page.set({ row: Number(event.target.value) - 1, values: "" }));
    part("row").max = page.description.rows.length;
    part("row-count").textContent = `of ${page.description.rows.length} test rows`;
    part("next-row").addEventListener("click", () =>
      page.set({ row: (page.state.row + 1) % page.description.rows.length, values: "" }));
    this.fields = page.description.columns.map((column, k) => this.field(column, k));
    part("fields").replaceChildren(...this.fields.slice(0, MOST_COLUMNS).map(({ made }) => made));
    const more = this.fields.slice(MOST_COLUMNS).map(({ made }) => made);
    part("more-fields").hidden = !more.length;
    part("more-count").textContent = `${more.length} more columns`;
    part("more-list").replaceChildren(...more);
  }

  settled(state) {
    const { rows, bits, kept } = this.page.description;
    const found = { ...state };
    const sizes = [...new Set(this.entries.map(({ hidden }) => hidden))].sort((a, b) => a - b);
    found.hidden = nearest(state.hidden ?? kept.hidden, sizes);
    const shares = this.entries.filter(({ hidden }) => hidden === found.hidden).map(({ sparsity }) => sparsity);
    const usual = found.hidden === kept.hidden ? kept.sparsity : 0;
    found.sparsity = nearest(state.sparsity ?? usual, shares.sort((a, b) => a - b));
    found.row = Math.min(rows.length - 1, Math.max(0, Math.round(state.row)));
    found.bits = ["8", "32"].includes(String(state.bits)) ? String(state.bits) : String(bits);
    return found;
  }

  change(k, value) {
    const { state, set, description } = this.page;
    const row = description.rows[state.row];
    const cells = readCells(state.values, row, description.columns);
    cells[k] = value;
    set({ values: writtenCells(cells, row) });
  }

  /** The controls of one column. */
  field(column, k) {
    const id = `column-${k}`;
    const bar = element("span", { class: "bar" });
    const track = element("span", { class: "track two-sided", "aria-hidden": "true" }, bar);
    const label = element("label", { for: id }, column.name);
    if (column.kind === "category") {
      const select = element("select", { id, onchange: () =>
        this.change(k, select.value === "" ? null : select.value === OTHER ? OTHER : select.value) });
      select.append(...column.categories.map((name) => new Option(name, name)),
        new Option("another value", OTHER), new Option("missing", ""));
      return { made: element("div", { class: "field" }, label, select, track), bar,
        show: (value) => { select.value = value === null ? "" : column.categories.includes(value) ? value : OTHER; } };
    }
    const span = column.high - column.low || Math.abs(column.high) || 1;
    const step = column.whole ? 1 : 10 ** Math.floor(Math.log10(span / 100));
    const range = element("input", { type: "range", id, min: column.low, max: column.low + span, step: "any",
      oninput: () => this.change(k, Number((Math.round(Number(range.value) / step) * step).toPrecision(12))) });
    const number = element("input", { type: "number", step: "any", "aria-label": `${column.name}, as a number`,
      onchange: () => this.change(k, number.value === "" ? null : Number(number.value)) });
    return { made: element("div", { class: "field" }, label, range, number, track), bar,
      show: (value) => {
        range.value = value ?? column.fill;
        number.placeholder = "missing";
        if (document.activeElement !== number) number.value = value === null ? "" : Number(value.toPrecision(6));
      } };
  }

  render() {
    const { state, description } = this.page;
    const { columns } = description;
    const entry = this.entries.find((e) => e.hidden === state.hidden && e.sparsity === state.sparsity);
    this.controls(entry);
    const cells = readCells(state.values, description.rows[state.row], columns);
    this.fields.forEach(({ show }, k) => show(cells[k]));
    part("row").value = state.row + 1;
    const x = inputsOf(columns, cells);
    const said = forward(entry.net, x);
    const whole = wholePrediction(columns, entry.whole, cells);
    this.decision(said.logits, whole);
    this.reasons(entry.net, x);
    this.unitList(entry.net, said);
    this.now = { logits: [...said.logits], whole };
  }

  controls(entry) {
    const { state, set, description } = this.page;
    const sizes = [...new Set(this.entries.map(({ hidden }) => hidden))].sort((a, b) => a - b);
    choices("hidden", "Hidden units", sizes.map((size) => [size, size ? String(size) : "none", size ? "" : "a linear model"]),
      state.hidden, (value) => set({ hidden: value, sparsity: undefined }));
    const shares = this.entries.filter(({ hidden }) => hidden === state.hidden).map(({ sparsity }) => sparsity);
    choices("share", "Weights cut, then retrained", shares.sort((a, b) => a - b).map((share) => [share, percent(share)]),
      state.sparsity, (value) => set({ sparsity: value }));
    choices("bits", "Computes in", [["8", "whole numbers", "8-bit weights, as the exported C code"],
      ["32", "floating point", "as ONNX and safetensors hold it"]], state.bits, (value) => set({ bits: value }));
    const { kept } = description;
    const own = entry.hidden === kept.hidden && entry.sparsity === kept.sparsity;
    part("cost").textContent = `${entry.bytes.toLocaleString("en")} bytes of flash as int8`
      + (own ? ": the network of the answer." : ".");
  }

  decision(logits, whole) {
    const { state, description } = this.page;
    const floats = state.bits === "32";
    const home = part("decision");
    if (description.task === "regression") {
      const value = floats ? logits[0] * description.target_scale + description.target_mean : whole;
      part("verdict").textContent = Number(value.toPrecision(4)).toLocaleString("en");
      part("verdict-words").textContent = `predicted ${description.target}`;
      part("classes").replaceChildren();
      return say(`Predicted ${description.target}: ${part("verdict").textContent}`);
    }
    const p = probabilities(logits);
    const all = p.length === 1 ? [1 - p[0], p[0]] : p;
    const place = floats ? (p.length === 1 ? Number(logits[0] >= 0) : decisive(logits)) : whole;
    home.dataset.side = description.classes.length > 2 ? "many" : place ? "positive" : "negative";
    part("verdict").textContent = description.classes[place];
    part("verdict-words").textContent = `predicted ${description.target}`;
    part("classes").replaceChildren(...description.classes.map((name, k) => {
      const fill = element("span", { class: "bar" });
      fill.style.width = `${100 * all[k]}%`;
      return element("li", { "aria-current": String(k === place) }, element("span", {}, name),
        element("span", { class: "track" }, fill), element("span", { class: "number" }, percent(all[k], 1)));
    }));
    return say(`${description.classes[place]}, ${percent(all[place])}`);
  }

  /** What each column adds to the decisive logit: gradient times input, summed over its inputs. */
  reasons(net, x) {
    const slope = gradient(net, x);
    const pushes = Array(this.fields.length).fill(0);
    this.owners.forEach((column, i) => { pushes[column] += slope[i] * x[i]; });
    const most = Math.max(1e-9, ...pushes.map(Math.abs));
    this.fields.forEach(({ bar, made }, k) => {
      bar.style.width = `${(50 * Math.abs(pushes[k])) / most}%`;
      bar.dataset.side = pushes[k] < 0 ? "negative" : "positive";
      made.title = `adds ${shown(pushes[k], { plus: true })} to the decisive output`;
    });
  }

  /** Hidden units with their strongest columns. */
  unitList(net, said) {
    const { columns } = this.page.description;
    const rows = net.hidden || net.outputs;
    const limit = scaleOf(net.w1, 0.98), colours = signedColours();
    part("unit-counts").textContent = net.hidden ? `${net.hidden} hidden unit${net.hidden > 1 ? "s" : ""}` : "A linear model: no hidden units";
    part("row-units").replaceChildren(...Array.from({ length: rows }, (_, unit) => {
      const own = net.w1.subarray(unit * net.inputs, (unit + 1) * net.inputs);
      const canvas = element("canvas", { "aria-hidden": "true" });
      paintSigned(canvas, own, [1, net.inputs], limit, colours);
      const places = Array.from(own.keys()).sort((a, b) => Math.abs(own[b]) - Math.abs(own[a]));
      const names = [...new Set(places.filter((i) => own[i]).map((i) => columns[this.owners[i]].name))].slice(0, 3);
      const answer = said.hidden[unit];
      const linked = names.length > 0;
      const head = net.hidden ? `Unit ${unit + 1}` : `Output ${unit + 1}`;
      return element("li", { "data-condition": !linked ? "cut" : net.hidden && answer <= 0 ? "silent" : "on" },
        element("b", {}, head), canvas,
        element("span", {}, linked ? `looks at ${names.join(", ")}` : "sees no column"),
        element("span", { class: "number" }, net.hidden && answer <= 0 ? "silent" : `answers ${shown(answer)}`));
    }));
  }

  repaint() {
    this.page.set({}, { store: false });
  }
}
