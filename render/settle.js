// Runs in an isolated world, whose objects the page cannot have patched, once
// the page has settled. It scrolls through the page so that what waits to be
// seen is loaded, stops what moves, and returns to the top.
async (steps) => {
  const root = () => document.scrollingElement || document.documentElement || document.body;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  // A marquee runs by a clock of its own that nothing stops. An element of the
  // same name, size and content that is none takes its place.
  for (const m of [...document.querySelectorAll("marquee")].slice(0, 200)) {
    const box = m.getBoundingClientRect();
    const still = document.createElementNS("about:still", "marquee");
    for (const a of m.attributes) still.setAttribute(a.name, a.value);
    still.append(...m.childNodes);
    m.replaceWith(still);
    const vertical = /^(up|down)$/i.test(still.getAttribute("direction"));
    still.setAttribute("style", (still.getAttribute("style") || "") + ";display:inline-block;overflow:hidden;text-align:start;width:" +
      Math.round(box.width) + "px;height:" + Math.round(box.height) + "px;white-space:" + (vertical ? "normal" : "nowrap"));
  }
  // The focus a page asks for is given with a frame, and taken away in still.js.
  if (document.querySelector("[autofocus]")) { await frame(); await frame(); }
  const first = root() ? root().scrollHeight : 0;
  let scrolled = 0;
  if (root() && first > innerHeight * 1.2) {
    const step = Math.max(innerHeight, Math.ceil(first / steps));
    for (let y = step; scrolled < steps && y < root().scrollHeight; y += step) {
      scrollTo({ left: 0, top: y, behavior: "instant" });
      await frame();
      scrolled++;
      if (root().scrollHeight > 2 * first) break;
    }
    scrollTo({ left: 0, top: 0, behavior: "instant" });
  }
  return { scrolled, pending: [...document.images].some((i) => !i.complete), fonts: document.fonts.status };
}
