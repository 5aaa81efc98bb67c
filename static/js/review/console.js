// Review: a decision a second. Shows the next at once and sends behind it; every key has a button.
import { Lease } from "./lease.js";
import { Outbox } from "./decision-outbox.js";
import { ProgressCount } from "./progress-count.js";
import { Panes } from "./panes.js";
import { Queue } from "./queue.js";
import { Zoom } from "./zoom.js";
import { listen } from "./keys.js";
import { Toast } from "./toast.js";

const page = document.querySelector("[data-review]");
const $ = (selector) => page.querySelector(selector);
const words = $("[data-words]").dataset;
const { items, until, user } = JSON.parse($("#review-items").textContent);
const token = $("[name=csrfmiddlewaretoken]").value;
const cut = $("[data-cut]");
const done = [];

const outbox = new Outbox({ user, address: page.dataset.decide, token, told: { answered, changed } });
// Decided before a reload and still on their way: they are not asked for again.
const onTheWay = new Set(outbox.all().map(({ result }) => result));
const queue = new Queue(
  items.filter(({ id }) => !onTheWay.has(id)),
  page.dataset.next,
  arrived,
);
const panes = new Panes(page, words);
const progress = new ProgressCount(page, words);
const toast = new Toast(page);
const zoom = new Zoom(page, $("[data-do=zoom]"));
new Lease(page, token, queue, (ids) => {
  queue.drop(ids);
  draw();
});
queue.until = until;
for (const id of onTheWay) queue.known.add(id);

function show() {
  const { item } = queue;
  zoom.set(false);
  panes.show(item, item && queue.picturesOf(item));
  draw();
}

// Below the fold of attention: after the picture has been painted.
function draw() {
  cancelAnimationFrame(draw.frame);
  draw.frame = requestAnimationFrame(() => panes.strip(queue));
}

function arrived() {
  if (!queue.item || $("#main").hidden) show();
  else draw();
}

function decide(verdict, { reason = "", note = "", label = "" } = {}) {
  const { item } = queue;
  if (!item || item.mark === "approved" || item.mark === "rejected") return;
  if (verdict === "approved" && item.refusal) return toast.say("attention", item.refusal);
  const key = crypto.randomUUID();
  item.mark = verdict;
  done.push({ item, key, verdict });
  progress.step(1);
  queue.next();
  show();
  outbox.add({ key, result: item.id, verdict, reason, note, name: item.name });
  toast.say(verdict, [`${words[verdict]}: ${item.name}`, label].filter(Boolean).join(", "), { undo: true });
}

function skip() {
  const { item } = queue;
  if (!item || item.mark) return;
  item.mark = "skipped";
  queue.again(item);
  done.push({ item, verdict: "skipped" });
  queue.next();
  show();
  toast.say("skip", `${words.skipped}: ${item.name}`, { undo: true });
}

function undo() {
  const last = done.pop();
  if (!last) return toast.say("info", words.nothing);
  const { item, key, verdict } = last;
  if (verdict === "skipped") {
    const again = queue.items.findLastIndex(({ id, again, mark }) => id === item.id && again && !mark);
    if (again > 0) queue.items.splice(again, 1);
  } else {
    outbox.add({ key: crypto.randomUUID(), result: item.id, verdict: "pending", undoes: key, name: item.name });
    progress.step(-1);
  }
  item.mark = "";
  queue.go(queue.items.indexOf(item));
  show();
  toast.say("undo", `${words.undone}: ${item.name}`);
}

function answered({ key, name, verdict }, { status, words: why }) {
  if (status === 200) return;
  const n = done.findIndex((each) => each.key === key);
  const refused = n < 0 ? null : done.splice(n, 1)[0];
  if (refused) {
    refused.item.mark = "";
    if (verdict !== "pending") progress.step(-1);
  }
  const text = words.refused.replace("{name}", name).replace("{why}", why);
  toast.say("attention", text, { again: refused && (() => move(queue.items.indexOf(refused.item))) });
  draw();
}

let patience = 0;
function changed(number, trouble) {
  const place = $("[data-unsent]");
  $("[data-offline]").hidden = trouble !== "line";
  $("[data-signed-out]").hidden = trouble !== "out";
  place.querySelector("span").textContent = words.waiting.replace("{n}", number);
  clearTimeout(patience);
  if (!number) place.hidden = true;
  else if (trouble) place.hidden = false;
  else
    patience = setTimeout(() => {
      place.hidden = false;
    }, 700);
}

function move(to) {
  if (to < 0 || !queue.items[to]) return toast.say("info", to < 0 ? words.first : words.last);
  queue.go(to);
  show();
}

function slide(value) {
  cut.value = value;
  $("[data-compare]").style.setProperty("--cut", `${cut.value}%`);
}

listen(page, {
  approve: () => decide("approved"),
  reject: () => queue.item && !queue.item.mark && $("#reasons").showPopover(),
  skip,
  undo,
  again: () => toast.again?.(),
  zoom: () => zoom.set(!zoom.on),
  help: () => $("#help").showModal(),
  left: () => move(queue.at - 1),
  right: () => move(queue.at + 1),
  open: () => location.assign(queue.item.url),
  slide: (by) => slide(Number(cut.value) + by),
  before: (only) => $("[data-compare]").style.setProperty("--cut", only ? "100%" : `${cut.value}%`),
  reason: (said) => decide("rejected", said),
});

cut.addEventListener("input", () => slide(cut.value));
$("[data-strip]").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move(Number(link.dataset.to));
});
for (const part of page.querySelectorAll("[data-scripted]")) part.hidden = false;
$("[data-compare]").classList.add("live");
slide(0);
outbox.tell();
outbox.send();
if (items.length < 5 || !queue.item) queue.more();
show();
