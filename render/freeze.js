// Runs before any script of the page, in every frame. It reads nothing of the
// page and tells nobody anything: it only takes chance and the wall clock out
// of the page's world, so that the same page gives the same bytes. Virtual time
// does the rest (see settle.go).
(() => {
  "use strict";
  const set = (object, name, value) => {
    try {
      Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: false });
    } catch (e) { /* the page may have sealed a frame's globals before us */ }
  };

  // Marsaglia's xorshift32, always from the same seed.
  let state = 0x9e3779b9;
  const next = () => {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return state >>> 0;
  };
  set(Math, "random", function random() { return next() / 4294967296; });
  if (typeof Crypto === "function") {
    const hex = (n) => Array.from({ length: n }, () => (next() & 15).toString(16)).join("");
    set(Crypto.prototype, "getRandomValues", function getRandomValues(array) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      for (let i = 0; i < bytes.length; i++) bytes[i] = next();
      return array;
    });
    set(Crypto.prototype, "randomUUID", function randomUUID() {
      return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-8" + hex(3) + "-" + hex(12);
    });
  }

  // Virtual time stands still while a script runs, so that a script that waits
  // by asking for the time again and again would wait for ever. Each question
  // moves the clock on by a hundredth of a millisecond.
  const RealDate = Date, realNow = Date.now, origin = realNow();
  let asked = 0;
  const drift = () => Math.floor(++asked / 100);
  const now = () => realNow() + drift();
  const FrozenDate = function Date(...args) {
    if (!new.target) return new RealDate(now()).toString();
    const made = args.length === 0 ? [now()] : args;
    return Reflect.construct(RealDate, made, new.target === FrozenDate ? RealDate : new.target);
  };
  FrozenDate.prototype = RealDate.prototype;
  set(FrozenDate, "now", now);
  set(FrozenDate, "parse", RealDate.parse);
  set(FrozenDate, "UTC", RealDate.UTC);
  set(RealDate.prototype, "constructor", FrozenDate);
  set(globalThis, "Date", FrozenDate);
  set(Performance.prototype, "now", function () { return now() - origin; });
  Object.defineProperty(Performance.prototype, "timeOrigin", { get: () => origin, configurable: true });

  // Animation frames come from the display, which knows no virtual time.
  const later = setTimeout, forget = clearTimeout;
  set(globalThis, "requestAnimationFrame", function requestAnimationFrame(f) {
    return later(() => f(performance.now()), 16);
  });
  set(globalThis, "cancelAnimationFrame", function cancelAnimationFrame(id) { forget(id); });
  set(globalThis, "requestIdleCallback", function requestIdleCallback(f) {
    return later(() => f({ didTimeout: false, timeRemaining: () => 10 }), 1);
  });
  set(globalThis, "cancelIdleCallback", function cancelIdleCallback(id) { forget(id); });

  // Whatever is written to the console costs a message to whoever listens. A page
  // that writes without end is not listened to without end.
  const console = globalThis.console;
  for (const name of ["assert", "count", "debug", "dir", "dirxml", "error", "info", "log", "table", "timeLog", "trace", "warn"]) {
    const say = console[name];
    let said = 0;
    if (typeof say === "function") set(console, name, { [name](...args) { if (++said <= 500) say.apply(console, args); } }[name]);
  }

  // Every window is refused, but only after Chrome was asked. A few are let
  // through to be recorded; a flood is not.
  const open = globalThis.open;
  let opened = 0;
  set(globalThis, "open", function (...args) { return ++opened > 10 ? null : open.apply(this, args); });
})();
