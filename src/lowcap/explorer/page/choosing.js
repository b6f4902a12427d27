// What may be chosen of a run's networks: task, training, size, seed, and how they are disturbed.

import { choices, part, setSlider } from "./controls.js";
import { percent, shown } from "./marks.js";
import { removed } from "./pruning.js";

/** Networks that were trained on the page join those of the run under this name. */
export const HERE = "here";

/** Show what may be chosen, and what is. */
export function offer({ state, description, set }, entries, task, ranks) {
  const of = (...names) => entries.filter((e) => names.every((name) => e[name] === state[name]));
  const values = (entries, name) => [...new Set(entries.map((entry) => entry[name]))].sort((a, b) => a - b);
  choices("task", "Tell apart", description.tasks.map(({ id, names }) => [id, names.join(" – "), `Task ${id}`]),
    state.task, (value) => set({ task: value, ...(state.strokes ? {} : { image: undefined }) }));
  const there = new Set(of("task").map((entry) => entry.protocol));
  const words = { ...description.protocols, [HERE]: "trained on this page, under Train" };
  choices("protocol", "Trained as", Object.keys(words).reverse().filter((name) => there.has(name))
    .map((name) => [name, name === HERE ? "trained here" : name, words[name]]),
    state.protocol, (value) => set({ protocol: value }));
  part("protocol-words").textContent = words[state.protocol];
  choices("hidden", "Hidden units", values(of("task", "protocol"), "hidden").map((size) => [size, String(size)]),
    state.hidden, (value) => set({ hidden: value }));
  choices("seed", "Seed", values(of("task", "protocol", "hidden"), "seed").map((seed) => [seed, String(seed)]),
    state.seed, (value) => set({ seed: value }));
  const total = ranks.sorted.length, gone = removed(total, state.sparsity);
  setSlider("sparsity", state.sparsity, gone === total ? "all weights cut"
    : `${percent(state.sparsity, Number.isInteger(Math.round(1000 * state.sparsity) / 10) ? 0 : 1)}: ${(total - gone).toLocaleString("en")} of ${total.toLocaleString("en")} left`);
  setSlider("noise", state.noise, state.noise ? `σ ${shown(state.noise)}` : "none");
  setSlider("occlusion", state.occlusion, state.occlusion ? `${state.occlusion} × ${state.occlusion} pixels` : "none");
  part("map").value = state.map;
}
