// The viewer of pictures, and the decisions by keys.
import { keys, post } from "./app.js";

const review = document.getElementById("review"), viewer = document.getElementById("viewer"), panes = document.getElementById("panes");
const before = panes.querySelector(".before"), after = panes.querySelector(".after"), mix = document.getElementById("mix");
const pictures = [...panes.querySelectorAll("img")];

// Modes.
let blinking = 0;
const mode = (to) => {
  const button = viewer.querySelector(`button[data-mode=${to}]`);
  if (button.disabled) return;
  viewer.dataset.mode = to;
  for (const b of viewer.querySelectorAll("button[data-mode]")) b.setAttribute("aria-pressed", String(b === button));
  clearInterval(blinking);
  after.classList.remove("off");
  if (to === "blink") blinking = setInterval(() => after.classList.toggle("off"), 600);
  blend();
  place();
};
const blend = () => panes.style.setProperty("--mix", viewer.dataset.mode === "onion" ? String(mix.value / 100) : mix.value + "%");
mix.addEventListener("input", blend);
for (const b of viewer.querySelectorAll("button[data-mode]")) b.addEventListener("click", () => mode(b.dataset.mode));

// Size: the whole width, or one pixel for one.
const zoom = (one) => {
  viewer.classList.toggle("one", one);
  for (const b of viewer.querySelectorAll("[data-zoom]")) b.setAttribute("aria-pressed", String((b.dataset.zoom === "one") === one));
  place();
};
for (const b of viewer.querySelectorAll("[data-zoom]")) b.addEventListener("click", () => zoom(b.dataset.zoom === "one"));

// Panes scroll together.
const all = [...panes.querySelectorAll(".pane")];
let leader = null, calm = 0;
for (const pane of all) pane.addEventListener("scroll", () => {
  if (leader && leader !== pane) return;
  leader = pane;
  clearTimeout(calm);
  calm = setTimeout(() => { leader = null; }, 120);
  for (const other of all) if (other !== pane) { other.scrollTop = pane.scrollTop; other.scrollLeft = pane.scrollLeft; }
}, { passive: true });

// Marks, in pixels of the picture.
const numbers = (text) => text.split(";").filter(Boolean).map((part) => part.split(",").map(Number));
const marks = [];
const mark = (pane, kind, [x, y, w, h], n) => {
  const sheet = pane?.querySelector(".sheet");
  if (!sheet?.querySelector("img")) return;
  const div = document.createElement("div");
  div.className = "mark " + kind;
  if (n) { const b = document.createElement("b"); b.textContent = n; div.append(b); div.dataset.n = n; }
  sheet.append(div);
  marks.push({ div, img: sheet.querySelector("img"), box: [x, y, w, h] });
};
for (const box of numbers(viewer.dataset.changed)) mark(after, "change", box);
for (const box of numbers(viewer.dataset.gone)) mark(before, "gone", box);
for (const [n, ...box] of numbers(viewer.dataset.boxes)) mark(after, "finding", box, n);
const place = () => {
  for (const { div, img, box: [x, y, w, h] } of marks) {
    const k = img.naturalWidth ? img.clientWidth / img.naturalWidth : 0;
    div.hidden = k === 0;
    Object.assign(div.style, { left: x * k + "px", top: y * k + "px", width: w * k + "px", height: h * k + "px" });
  }
};
for (const img of pictures) img.addEventListener("load", place);
new ResizeObserver(place).observe(panes);
place();
const toggle = (id, cls, on) => {
  const button = document.getElementById(id);
  const now = viewer.classList.toggle(cls);
  button.setAttribute("aria-pressed", String(now === on));
};
const blur = () => toggle("blur", "blurred", true), showMarks = () => toggle("marks-on", "unmarked", false);
document.getElementById("blur").addEventListener("click", blur);
document.getElementById("marks-on").addEventListener("click", showMarks);

// Findings and their places.
const point = (n) => {
  for (const el of document.querySelectorAll(".findings .on, .mark.on")) el.classList.remove("on");
  document.getElementById("f" + n)?.classList.add("on");
  const spot = marks.find((m) => m.div.dataset.n === String(n));
  if (!spot) return;
  spot.div.classList.add("on");
  after.scrollTo({ top: spot.div.offsetTop - 80, left: spot.div.offsetLeft - 40 });
};
for (const li of document.querySelectorAll("[data-box]")) {
  li.addEventListener("click", () => point(li.dataset.box));
  li.addEventListener("keydown", (e) => { if (e.key === "Enter") point(li.dataset.box); });
}

// A region that is drawn on the picture, to ignore it.
const decide = document.getElementById("decide");
let drawn = null;
const sheet = after.querySelector(".sheet"), img = sheet.querySelector("img");
if (decide && img) {
  sheet.addEventListener("dragstart", (e) => e.preventDefault());
  sheet.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    const k = img.naturalWidth / img.clientWidth, r = img.getBoundingClientRect();
    const from = [(e.clientX - r.left) * k, (e.clientY - r.top) * k];
    const old = marks.findIndex((m) => m.div.classList.contains("drawn"));
    if (old >= 0) { marks[old].div.remove(); marks.splice(old, 1); drawn = null; }
    const move = (m) => {
      const s = img.getBoundingClientRect(), to = [(m.clientX - s.left) * k, (m.clientY - s.top) * k];
      const box = [Math.max(0, Math.min(from[0], to[0])), Math.max(0, Math.min(from[1], to[1])), Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])].map(Math.round);
      if (box[2] < 6 || box[3] < 6) return;
      if (!drawn) mark(after, "drawn", box);
      drawn = box;
      marks.at(-1).box = box;
      place();
    };
    sheet.setPointerCapture(e.pointerId);
    sheet.addEventListener("pointermove", move);
    sheet.addEventListener("pointerup", () => sheet.removeEventListener("pointermove", move), { once: true });
  });
}

// Decisions.
const problem = document.getElementById("problem");
let busy = false;
const submit = async (button) => {
  if (busy) return;
  if (button.value === "ignore") {
    const box = drawn ?? numbers(viewer.dataset.boxes)[0]?.slice(1) ?? numbers(viewer.dataset.changed)[0];
    if (box) ["x", "y", "w", "h"].forEach((name, i) => { decide.elements[name].value = box[i]; });
  }
  busy = true;
  const refused = await post(decide, button).catch((e) => e.message);
  busy = false;
  problem.hidden = !refused;
  problem.textContent = refused;
};
decide?.addEventListener("submit", (e) => { e.preventDefault(); submit(e.submitter); });
const verb = (value) => () => {
  const button = decide?.querySelector(`button[value=${value}]`);
  if (!button || button.disabled) return false;
  submit(button);
};
const step = (key) => () => { if (key) location.assign("/review/" + key + review.dataset.suffix); };
keys({
  y: verb("accept"), x: verb("confirm"), f: verb("false"), i: verb("ignore"), s: verb("snooze"),
  j: step(review.dataset.next), k: step(review.dataset.prev),
  d: () => mode("side"), w: () => mode("swipe"), o: () => mode("onion"), b: () => mode("blink"), h: () => mode("difference"),
  0: () => zoom(false), 1: () => zoom(true), v: blur, m: showMarks,
});

// The next thing's pictures, while this one is looked at.
addEventListener("load", () => { for (const url of review.dataset.preload.split(" ").filter(Boolean)) new Image().src = url; });
