// Runs before any script of the page, in every frame, and tells Pasban what the
// page asks its visitor's browser for: the clipboard, the camera, the place,
// notifications, a service worker. The requests go on as before (Chrome denies them); nothing is
// told to the page. See asks.go for why it is believed.
(() => {
  "use strict";
  const channel = "__NAME__", most = 20, longest = 1000;
  const tell = globalThis[channel];
  delete globalThis[channel];
  if (typeof tell !== "function") return;

  // Whatever is needed later is taken now: the page may replace it.
  const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { stringify } = JSON, slice = String.prototype.slice, lower = String.prototype.toLowerCase;
  const select = globalThis.getSelection, spell = globalThis.Selection && Selection.prototype.toString;
  const seen = new Set(), has = Set.prototype.has, add = Set.prototype.add;
  let told = 0;

  const note = (kind, detail) => {
    if (told >= most) return;
    const line = stringify([kind, apply(slice, typeof detail === "string" ? detail : "", [0, longest])]);
    if (apply(has, seen, [line])) return;
    apply(add, seen, [line]);
    told++;
    tell(line);
  };
  // A proxy of a function looks like the function, to toString as well.
  const hear = (holder, name, report) => {
    try {
      const was = holder && getOwnPropertyDescriptor(holder, name);
      if (!was || typeof was.value !== "function") return;
      was.value = new Proxy(was.value, {
        apply(target, self, args) {
          try { report(args); } catch (e) { /* the page's own objects may throw when they are read */ }
          return apply(target, self, args);
        },
      });
      defineProperty(holder, name, was);
    } catch (e) { /* nothing to hear here */ }
  };
  const on = (type, name, kind, detail) => {
    const made = globalThis[type];
    if (typeof made === "function") hear(made.prototype, name, (args) => note(kind, detail ? detail(args) : ""));
  };

  on("Clipboard", "writeText", "clipboard_write", (args) => args[0]);
  on("Clipboard", "write", "clipboard_write");
  on("Clipboard", "readText", "clipboard_read");
  on("Clipboard", "read", "clipboard_read");
  hear(globalThis.Document && Document.prototype, "execCommand", (args) => {
    const command = typeof args[0] === "string" ? apply(lower, args[0], []) : "";
    if (command === "copy" || command === "cut") note("clipboard_write", apply(spell, apply(select, globalThis, []), []));
    if (command === "paste") note("clipboard_read", "");
  });
  hear(globalThis.Notification, "requestPermission", () => note("notification", ""));
  on("PushManager", "subscribe", "notification");
  on("ServiceWorkerContainer", "register", "service_worker", (args) => "" + args[0]);
  on("Geolocation", "getCurrentPosition", "geolocation");
  on("Geolocation", "watchPosition", "geolocation");
  const devices = (wanted) => {
    if (wanted && wanted.video) note("camera", "");
    if (wanted && wanted.audio) note("microphone", "");
  };
  hear(globalThis.MediaDevices && MediaDevices.prototype, "getUserMedia", (args) => devices(args[0]));
  hear(Navigator.prototype, "webkitGetUserMedia", (args) => devices(args[0]));
  hear(Navigator.prototype, "getUserMedia", (args) => devices(args[0]));
  on("MediaDevices", "getDisplayMedia", "screen");
  on("PaymentRequest", "show", "payment");
  on("USB", "requestDevice", "usb");
  on("HID", "requestDevice", "usb");
  on("Serial", "requestPort", "usb");
  on("Bluetooth", "requestDevice", "bluetooth");
  hear(Navigator.prototype, "requestMIDIAccess", () => note("midi", ""));
})();
