// Runs in an isolated world just before the picture: everything that moves by
// itself is brought to an end, or to its start if it has no end.
//
// An <input name="blur"> hides the blur of its form in every world, and by the
// standard elements hide properties of their document too: properties are taken
// from the prototypes, which a page cannot reach from its own. An element may not
// be what its tag says either, such as an <svg> that was made as HTML. What one
// of them refuses must not keep the rest from being stopped and the page from
// being seen.
() => {
  const getter = (type, name) => { const get = Object.getOwnPropertyDescriptor(type.prototype, name).get; return (o) => get.call(o); };
  const tagged = (doc, name) => Document.prototype.getElementsByTagName.call(doc, name);
  const shadowOf = getter(Element, "shadowRoot"), rootOf = getter(Document, "scrollingElement"), fontsOf = getter(Document, "fonts");
  const activeOf = getter(Document, "activeElement"), bodyOf = getter(Document, "body"), kindOf = getter(Node, "nodeType");
  const each = (list, stop) => { for (const o of list) { try { stop(o); } catch (e) { /* it is not what its name says */ } } };
  const isDocument = (root) => kindOf(root) === Node.DOCUMENT_NODE;
  const animations = (root) => (isDocument(root) ? Document : ShadowRoot).prototype.getAnimations.call(root);
  const found = (root, selector) => (isDocument(root) ? Document : DocumentFragment).prototype.querySelectorAll.call(root, selector);
  // Everything but attributes goes into the tree that is about to be read.
  const count = (root) => {
    const walk = Document.prototype.createTreeWalker.call(document, root);
    let n = 0;
    while (n < 1000000 && walk.nextNode()) n++;
    return n;
  };
  const still = (win, depth) => {
    let doc;
    try { doc = win.document; } catch (e) { return 0; }
    const all = tagged(doc, "*");
    const roots = [doc];
    for (let i = 0; i < roots.length; i++) {
      const inner = i === 0 ? all : found(roots[i], "*");
      for (let k = 0; k < Math.min(inner.length, 20000) && roots.length < 2000; k++) {
        const shadow = shadowOf(inner[k]);
        if (shadow) roots.push(shadow);
      }
    }
    for (const r of roots) {
      each(animations(r), (a) => { try { a.finish(); } catch (e) { a.cancel(); } });
      each(found(r, "video, audio"), (m) => HTMLMediaElement.prototype.pause.call(m));
      each(found(r, "svg"), (s) => { SVGSVGElement.prototype.pauseAnimations.call(s); SVGSVGElement.prototype.setCurrentTime.call(s, 0); });
    }
    const active = activeOf(doc);
    if (active && active !== bodyOf(doc)) each([HTMLElement, SVGElement], (type) => type.prototype.blur.call(active));
    let nodes = roots.reduce((n, r) => n + count(r), 0);
    for (let i = 0; depth < 8 && i < Math.min(win.frames.length, 200); i++) nodes += still(win.frames[i], depth + 1);
    return nodes;
  };
  const nodes = still(window, 0);
  const r = rootOf(document) || tagged(document, "*")[0];
  const width = getter(Element, "scrollWidth"), height = getter(Element, "scrollHeight");
  return { nodes, fonts: fontsOf(document).status, width: r ? width(r) : 0, height: r ? height(r) : 0 };
}
