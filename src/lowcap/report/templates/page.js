// What needs a script: filters, opening what a link leads into, the menu. All else works without.
const claims = [...document.querySelectorAll("details.claim")];
const filters = document.querySelector(".filters");
const boxes = [...filters.querySelectorAll("input")];
const unfold = filters.querySelector(".unfold");
filters.hidden = false;

function choose() {
  const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.verdict));
  for (const claim of claims) {
    const rows = [...claim.querySelectorAll(".finding")];
    for (const row of rows) row.hidden = !chosen.has(row.dataset.verdict);
    claim.hidden = !rows.some((row) => !row.hidden && row.classList.contains("primary"));
  }
  document.querySelector(".empty").hidden = claims.some((claim) => !claim.hidden);
}
for (const box of boxes) box.addEventListener("change", choose);

unfold.addEventListener("click", () => {
  const open = unfold.getAttribute("aria-expanded") !== "true";
  for (const claim of claims) claim.open = open;
  unfold.setAttribute("aria-expanded", String(open));
  unfold.textContent = open ? "Close all" : "Open all";
});

function reveal() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  if (place.closest("[hidden]")) {
    for (const box of boxes) box.checked = true;
    choose();
  }
  for (let one = place.closest("details"); one; one = one.parentElement.closest("details"))
    one.open = true;
  place.scrollIntoView();
  if (place.hasAttribute("tabindex")) place.focus({ preventScroll: true });
}
addEventListener("hashchange", reveal);
if (location.hash) reveal();

const menu = document.querySelector(".menu");
menu?.addEventListener("click", (event) => {
  if (event.target.closest("a")) menu.open = false;
});
menu?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
addEventListener("click", (event) => {
  if (menu && !menu.contains(event.target)) menu.open = false;
});
