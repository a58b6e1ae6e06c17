// Runs in an isolated world, whose objects the page cannot have patched, once
// the page has settled. It scrolls through the page so that what waits to be
// seen is loaded, stops what moves, and returns to the top. Properties are taken
// from the prototypes: see still.js.
async (steps) => {
  const getter = (type, name) => { const get = Object.getOwnPropertyDescriptor(type.prototype, name).get; return (o) => get.call(o); };
  const found = (selector) => Document.prototype.querySelectorAll.call(document, selector);
  const rootOf = getter(Document, "scrollingElement"), heightOf = getter(Element, "scrollHeight");
  const root = () => rootOf(document) || Document.prototype.getElementsByTagName.call(document, "*")[0];
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  // A marquee runs by a clock of its own that nothing stops. An element of the
  // same name, size and content that is none takes its place.
  for (const m of [...found("marquee")].slice(0, 200)) {
    const box = m.getBoundingClientRect();
    const still = Document.prototype.createElementNS.call(document, "about:still", "marquee");
    for (const a of m.attributes) still.setAttribute(a.name, a.value);
    still.append(...m.childNodes);
    m.replaceWith(still);
    const vertical = /^(up|down)$/i.test(still.getAttribute("direction"));
    still.setAttribute("style", (still.getAttribute("style") || "") + ";display:inline-block;overflow:hidden;text-align:start;width:" +
      Math.round(box.width) + "px;height:" + Math.round(box.height) + "px;white-space:" + (vertical ? "normal" : "nowrap"));
  }
  // The focus a page asks for is given with a frame, and taken away in still.js.
  if (found("[autofocus]").length > 0) { await frame(); await frame(); }
  const first = root() ? heightOf(root()) : 0;
  let scrolled = 0;
  if (root() && first > innerHeight * 1.2) {
    // Window by window, to the end of what was there at first.
    for (let y = innerHeight; scrolled < steps && y < first; y += innerHeight) {
      scrollTo({ left: 0, top: y, behavior: "instant" });
      await frame();
      scrolled++;
      if (heightOf(root()) > 2 * first) break;
    }
    scrollTo({ left: 0, top: 0, behavior: "instant" });
  }
  return { scrolled, pending: [...found("img")].some((i) => i.complete === false), fonts: getter(Document, "fonts")(document).status };
}
