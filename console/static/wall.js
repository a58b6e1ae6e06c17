// Keeps the wall as the watch is, by server-sent events.
const marks = document.getElementById("marks"), feed = document.getElementById("feed");
const byID = new Map([...marks.querySelectorAll("a.m")].map((a) => [a.textContent, a]));
const live = document.querySelector("[data-live]"), clock = document.querySelector("[data-clock]");

const name = (a, mark) => {
  a.className = "m " + mark;
  if (mark === "good") a.removeAttribute("aria-label");
  else a.setAttribute("aria-label", `${a.textContent}: ${marks.dataset[mark]}`);
};
for (const a of byID.values()) { a.title = a.textContent; if (!a.classList.contains("good")) name(a, a.className.slice(2)); }

const happened = (x) => {
  const li = document.createElement("li"), when = document.createElement("time"), what = document.createElement("b");
  const where = document.createElement("bdi"), text = document.createElement("p");
  li.className = "f-" + x.kind;
  when.dateTime = x.at;
  when.textContent = new Date(x.at).toLocaleTimeString("en-GB", { timeZone: "Asia/Karachi" });
  what.textContent = feed.dataset[x.kind] ?? x.kind;
  where.textContent = x.site;
  text.textContent = x.text;
  text.dir = "auto";
  li.append(when, " ", what, " ", where, text);
  return li;
};

const figure = (selector, value, tone) => {
  const b = document.querySelector(selector);
  if (!b) return;
  b.textContent = value;
  if (tone) b.closest(".figure").classList.toggle(tone, Number(value) > 0);
};

// The page is asked for again only when there is one to be had: a screen on a wall has
// nobody who would press reload under a browser's error.
const soon = 15_000;
let leaving = false, due = null;
const renew = async () => {
  if (leaving) return;
  leaving = true;
  const there = await fetch(location.href, { signal: AbortSignal.timeout(soon) }).then((r) => r.ok, () => false);
  if (there) location.reload();
  else setTimeout(() => { leaving = false; renew(); }, soon);
};
setInterval(renew, 600_000); // how long incidents have been open

const now = document.getElementById("now");
const events = new EventSource("/events?after=" + now.dataset.newest);
events.onopen = () => { live.textContent = live.dataset.live; };
events.onerror = () => {
  live.textContent = live.dataset.lost;
  if (events.readyState === EventSource.CLOSED) setTimeout(renew, soon); // it does not try again by itself
};
events.onmessage = (e) => {
  const news = JSON.parse(e.data);
  clock.textContent = news.clock;
  figure("[data-fresh]", news.fresh);
  figure("[data-incidents]", news.incidents, "hot");
  figure("[data-waiting]", news.waiting, "warm");
  for (const b of document.querySelectorAll("[data-count]")) b.textContent = news.counts[b.dataset.count] ?? 0;
  for (const [id, mark] of Object.entries(news.marks ?? {})) if (byID.has(id)) name(byID.get(id), mark);
  for (const good of marks.querySelectorAll("[data-good]")) good.textContent = good.closest("section").querySelectorAll(".m.good").length;
  for (const x of (news.feed ?? []).reverse()) feed.prepend(happened(x));
  while (feed.children.length > 30) feed.lastElementChild.remove();
  if (news.listed !== now.dataset.listed) due ??= setTimeout(renew, 3000); // a storm opens many: one for all
};
