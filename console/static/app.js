// What every screen has: keys that lead elsewhere, help, undo.

// typing says that keys go into a field, or belong to the browser.
export const typing = (e) => e.ctrlKey || e.metaKey || e.altKey || e.isComposing ||
  e.target.closest?.("input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]") !== null;

// keys calls what belongs to a key, unless somebody types or a dialog is open.
export const keys = (map) => document.addEventListener("keydown", (e) => {
  const act = map[e.key];
  if (!act || typing(e) || document.querySelector("dialog[open]")) return;
  if (act(e) !== false) e.preventDefault();
});

// post sends a form and leads on to where the answer says; it gives back what was refused.
export const post = async (form, submitter) => {
  const body = new URLSearchParams(new FormData(form, submitter));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.redirected) { location.assign(answer.url); return ""; }
  const said = await answer.json().catch(() => ({ error: answer.statusText }));
  if (!answer.ok) return said.error;
  location.assign(said.next);
  return "";
};

const help = document.getElementById("help");
let gone = 0; // when g was pressed
const go = (path) => () => { if (Date.now() - gone > 1200) return false; location.assign(path); };
const wall = go("/"), queue = go("/queue"), incidents = go("/incidents");
document.addEventListener("keydown", (e) => {
  if (typing(e)) return;
  const to = { w: wall, q: queue, i: incidents }[e.key];
  if (to && to() !== false) { e.preventDefault(); e.stopImmediatePropagation(); }
}, true);
keys({
  "?": () => help?.showModal(),
  g: () => { gone = Date.now(); },
  u: () => document.getElementById("undo")?.requestSubmit(),
});
