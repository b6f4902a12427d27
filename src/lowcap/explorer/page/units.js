// One card for each hidden unit: its weights as an image, what it answers, whether it can.

import { element, paintSigned, shown, signedColours } from "./marks.js";

/** Units in the order in which they are shown: those that speak for class 1 most come first. */
export function ordered(net) {
  return Array.from({ length: net.hidden }, (_, unit) => unit).sort(
    (a, b) => net.w2[b] - net.w2[a],
  );
}

/** How a unit is, in one word: "cut" has no path, "dead" never answers, "silent" not to this input. */
export function condition({ linked, alive, answer }) {
  if (!linked) return "cut";
  if (!alive) return "dead";
  return answer > 0 ? "on" : "silent";
}

const WORDS = {
  cut: "cut off: no weight leads from a used input through it to the output",
  dead: "dead: it answers 0 to every test image of this page",
  silent: "silent: it answers 0 to this input",
  on: "",
};

function card() {
  const canvas = element("canvas", { role: "img", width: 28, height: 28 });
  const bar = element("span", { class: "bar" });
  const words = element("span", { class: "push" });
  const tag = element("span", { class: "tag" });
  const made = element("li", { class: "unit" }, canvas, element("span", { class: "track" }, bar), words, tag);
  return { made, canvas, bar, words, tag };
}

/** The cards of one network; `update` is cheap enough for every move of a slider. */
export class Units {
  constructor(home) {
    Object.assign(this, { home, cards: [], painted: null });
  }

  /**
   * Show units.
   *
   * net: the network as it is now; order, limit: which unit stands where, and the scale of all
   * images; states: of each unit { linked, alive, answer, push } (push: what it adds to the logit);
   * names: of the two classes; without states only weights are shown.
   */
  update({ net, order, limit, shape, states, names }) {
    while (this.cards.length < order.length) {
      this.cards.push(card());
      this.home.append(this.cards.at(-1).made);
    }
    this.cards.forEach(({ made }, k) => { made.hidden = k >= order.length; });
    if (!order.length) { this.painted = null; return; }
    const same = this.painted && this.painted.w1 === net.w1 && this.painted.limit === limit;
    const colours = signedColours();
    const most = states ? Math.max(1e-9, ...states.map(({ push }) => Math.abs(push))) : 1;
    order.forEach((unit, k) => {
      const { made, canvas, bar, words, tag } = this.cards[k];
      if (!same) {
        const own = net.w1.subarray(unit * net.inputs, (unit + 1) * net.inputs);
        paintSigned(canvas, own, shape, limit, colours);
      }
      const leaning = names[net.w2[unit] >= 0 ? 1 : 0];
      if (!states) {
        words.textContent = `${shown(Math.abs(net.w2[unit]))} for ${leaning}`;
        canvas.setAttribute("aria-label", `Weights of a unit that speaks for ${leaning}`);
        return;
      }
      const { answer, push } = states[unit];
      const now = condition(states[unit]);
      made.dataset.condition = now;
      bar.style.width = `${(100 * Math.abs(push)) / most}%`;
      bar.dataset.side = push < 0 ? "negative" : "positive";
      words.textContent = now === "on" ? `+${shown(Math.abs(push))} for ${names[push < 0 ? 0 : 1]}`
        : now === "cut" ? "" : `would say ${leaning}`;
      tag.textContent = now === "on" ? "" : now;
      tag.title = WORDS[now];
      canvas.setAttribute("aria-label", now === "on"
        ? `Unit ${unit + 1} answers ${shown(answer)} and adds ${shown(Math.abs(push))} for ${names[push < 0 ? 0 : 1]}`
        : `Unit ${unit + 1}, ${WORDS[now]}`);
    });
    this.painted = { w1: net.w1, limit };
  }

  /** Paint all images anew, as after a change of the theme. */
  forget() {
    this.painted = null;
  }
}
