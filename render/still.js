// Runs in an isolated world just before the picture: everything that moves by
// itself is brought to an end, or to its start if it has no end.
() => {
  const still = (win, depth) => {
    let doc;
    try { doc = win.document; } catch (e) { return 0; }
    const all = doc.getElementsByTagName("*");
    const roots = [doc];
    for (let i = 0; i < Math.min(all.length, 20000); i++) { if (all[i].shadowRoot) roots.push(all[i].shadowRoot); }
    for (const a of roots.flatMap((r) => r.getAnimations())) {
      try { a.finish(); } catch (e) { a.cancel(); }
    }
    for (const m of doc.querySelectorAll("video, audio")) { m.pause(); }
    let nodes = all.length;
    if (doc.activeElement && doc.activeElement !== doc.body) doc.activeElement.blur();
    for (const s of doc.querySelectorAll("svg")) { s.pauseAnimations(); s.setCurrentTime(0); }
    for (let i = 0; depth < 8 && i < Math.min(win.frames.length, 200); i++) nodes += still(win.frames[i], depth + 1);
    return nodes;
  };
  const nodes = still(window, 0);
  const r = document.scrollingElement || document.documentElement;
  return { nodes, fonts: document.fonts.status, width: r ? r.scrollWidth : 0, height: r ? r.scrollHeight : 0, x: scrollX, y: scrollY };
}
