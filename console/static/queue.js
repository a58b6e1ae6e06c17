// Moves through the queue by keys.
import { keys } from "./app.js";

const lines = [...document.querySelectorAll("#queue > li")];
let at = -1;
const move = (to) => {
  if (lines.length === 0) return;
  lines[at]?.classList.remove("on");
  at = Math.max(0, Math.min(lines.length - 1, to));
  lines[at].classList.add("on");
  lines[at].querySelector("a").focus({ preventScroll: true });
  lines[at].scrollIntoView({ block: "nearest" });
};
keys({ j: () => move(at + 1), k: () => move(at - 1), ArrowDown: () => move(at + 1), ArrowUp: () => move(at - 1) });
if (lines.length > 0) move(0);
