// Controls that several parts of the page share.

import { element } from "./marks.js";

/** One of the elements that the page was written with. */
export const part = (id) => document.getElementById(id);

/**
 * A row of choices, of which one is taken: native radio buttons, so that arrows and readers work.
 *
 * Options are [value, words, explanation]. It is only written anew when they change.
 */
export function choices(id, legend, options, chosen, onchoice) {
  const home = part(id);
  const key = JSON.stringify(options);
  if (home.dataset.options !== key) {
    home.dataset.options = key;
    home.replaceChildren(
      element("legend", {}, legend),
      ...options.map(([value, words, explanation]) =>
        element(
          "label", { title: explanation },
          element("input", { type: "radio", name: id, value: String(value), onchange: () => onchoice(value) }),
          element("span", {}, words),
        ),
      ),
    );
  }
  for (const input of home.querySelectorAll("input")) input.checked = input.value === String(chosen);
  home.hidden = options.length === 0;
}

/** A slider that the page was written with, and the words beside it. */
export function slider(id, oninput) {
  const input = part(id);
  input.addEventListener("input", () => oninput(Number(input.value)));
}

/** Set a slider and its words. */
export function setSlider(id, value, words) {
  const input = part(id);
  input.value = value;
  input.setAttribute("aria-valuetext", words);
  part(`${id}-words`).textContent = words;
}

let saying = 0;
/** Say something to screen readers once the reader has stopped sliding. */
export function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => { part("said").textContent = text; }, 500);
}
