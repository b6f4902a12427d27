// A network's decision between two classes, in words and on a gauge.

import { part, say } from "./controls.js";
import { percent, shown } from "./marks.js";
import { sigmoid } from "./network.js";

/** Say what a network decides: the logit now, and `before` anything was changed; the class that is
 * `known` to be right, null if none is. */
export function decide(task, logit, before, known) {
  const home = part("decision");
  if (logit === undefined) {
    home.dataset.side = "none";
    part("verdict").textContent = "No ink";
    part("verdict-words").textContent = "Nothing to decide on: draw something, or pick an image.";
    part("margin").textContent = "";
    say("No ink: nothing to decide on.");
  } else {
    const side = logit >= 0 ? 1 : 0, start = before >= 0 ? 1 : 0;
    const sure = sigmoid(side ? logit : -logit);
    home.dataset.side = side ? "positive" : "negative";
    part("verdict").textContent = task.names[side];
    const right = known === null ? "" : known === side ? " It is right." : ` It is wrong: this is ${task.names[known]}.`;
    part("verdict-words").textContent = `${percent(sure, sure > 0.995 ? 2 : 0)} sure.${right}`;
    const margin = start ? logit : -logit, whole = Math.abs(before), change = margin - whole;
    part("margin").textContent = Math.abs(change) < 0.005 ? `Margin ${shown(whole)}.`
      : `Margin ${shown(whole)} → ${shown(margin)} (${shown(change, { plus: true })})`
        + (side === start ? "." : `: the decision flipped from ${task.names[start]}.`);
    say(`${task.names[side]}, ${percent(sure)} sure.${right} ${part("margin").textContent}`);
  }
  const place = (z) => `${50 + 50 * Math.tanh(z / 6)}%`;
  part("needle").style.left = place(logit ?? 0);
  part("ghost").style.left = place(before ?? 0);
  part("gauge").dataset.empty = String(logit === undefined);
  [part("class-0").textContent, part("class-1").textContent] = task.names;
}
