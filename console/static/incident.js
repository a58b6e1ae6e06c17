// The keys of an incident.
import { keys } from "./app.js";

const act = document.getElementById("act");
const press = (verb) => () => {
  const button = act?.querySelector(`button[value=${verb}]`);
  if (!button) return false;
  act.requestSubmit(button);
};
keys({ a: press("acknowledge"), c: press("contain"), r: press("resolve"), f: press("false") });
