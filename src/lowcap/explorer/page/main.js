// The page's beginning: data in, state from the address, the two views, and the way back.

import { part, slider } from "./controls.js";
import { fromBase64, inflate, unpack } from "./data.js";
import { IMAGE_DEFAULTS, ImageLook } from "./images.js";
import { ROW_DEFAULTS, RowLook } from "./rows.js";
import { format, parse } from "./state.js";
import { Training, WAYS } from "./train.js";

const VIEWS = ["look", "train"];
const MOST_WIDTH = 64;

async function start() {
  const description = JSON.parse(part("description").textContent);
  const arrays = unpack(description.arrays, await inflate(fromBase64(part("arrays").textContent)));
  const images = description.kind === "images";
  const defaults = { ...(images ? IMAGE_DEFAULTS : ROW_DEFAULTS), width: 24, batch: "full" };
  const page = { description, arrays, state: defaults };
  let queued = false, stored = null;

  const store = () => {
    clearTimeout(stored);
    stored = setTimeout(() => history.replaceState(null, "", `#${format(page.state, defaults)}`), 250);
  };
  const settle = (state) => {
    const found = look.settled(state);
    if (!VIEWS.includes(found.view)) found.view = "look";
    if (!(found.batch in WAYS)) found.batch = "full";
    found.width = Math.min(MOST_WIDTH, Math.max(1, Math.round(found.width)));
    return found;
  };
  const render = () => {
    queued = false;
    for (const view of VIEWS) {
      const on = view === page.state.view;
      part(view).hidden = !on;
      part(`tab-${view}`).setAttribute("aria-selected", String(on));
      part(`tab-${view}`).tabIndex = on ? 0 : -1;
    }
    if (page.state.view === "look") look.render();
    else training?.render();
  };
  /** Change what is chosen; the page follows with the next frame. */
  page.set = (change, { store: kept = true } = {}) => {
    page.state = settle({ ...page.state, ...change });
    if (kept) store();
    if (!queued) requestAnimationFrame(render);
    queued = true;
  };

  const look = images ? new ImageLook(page) : new RowLook(page);
  const training = images ? new Training(page, look) : null;
  if (images)
    for (const name of ["sparsity", "noise", "occlusion"]) slider(name, (value) => page.set({ [name]: value }));
  tabs(page);
  page.state = settle({ ...defaults, ...parse(location.hash) });
  addEventListener("hashchange", () => {
    look.live = null;
    page.set({ ...defaults, ...parse(location.hash) }, { store: false });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    look.repaint();
    training?.repaint();
    page.set({}, { store: false });
  });
  part("copy").addEventListener("click", () => copy(page, defaults));
  render();
  window.explorer = { page, look, training };
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

/** The two views as tabs: arrows go from one to the other. */
function tabs(page) {
  for (const view of VIEWS) {
    const tab = part(`tab-${view}`);
    tab.addEventListener("click", () => page.set({ view }));
    tab.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const other = VIEWS[1 - VIEWS.indexOf(view)];
      page.set({ view: other });
      part(`tab-${other}`).focus();
    });
  }
}

/** Put a link that carries the state into the address bar and, if that is allowed, the clipboard. */
async function copy(page, defaults) {
  history.replaceState(null, "", `#${format(page.state, defaults)}`);
  const said = part("copied");
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "Copied.";
  } catch {
    said.textContent = "The address of this page now has it.";
  }
  setTimeout(() => { said.textContent = ""; }, 4000);
}

start().catch((error) => {
  part("trouble").hidden = false;
  part("trouble").textContent = `This page could not start (${error.message}). It needs a browser of 2023 or later.`;
  throw error;
});
