// Review: a decision a second. Shows the next at once and sends behind it; every key has a button.
import { Lease } from "./lease.js";
import { Outbox } from "./decision-outbox.js";
import { ProgressCount } from "./progress-count.js";
import { Panes } from "./panes.js";
import { Queue } from "./queue.js";
import { Zoom } from "./zoom.js";
import { listen } from "./shortcuts.js";
import { Toast } from "./toast.js";

const page = document.querySelector("[data-review-console]");
const $ = (selector) => page.querySelector(selector);
const texts = $("[data-texts]").dataset;
const { items, until, user } = JSON.parse($("#review-items").textContent);
const token = $("[name=csrfmiddlewaretoken]").value;
const slider = $("[data-before-share]");
const decided = [];

const outbox = new Outbox({ user, address: page.dataset.decideUrl, token, listener: { answered, changed } });
// Decided before a reload and still on their way: they are not asked for again.
const unsentIds = new Set(outbox.all().map(({ result }) => result));
const queue = new Queue(
  items.filter(({ id }) => !unsentIds.has(id)),
  page.dataset.nextUrl,
  showArrived,
);
const panes = new Panes(page, texts);
const progress = new ProgressCount(page, texts);
const toast = new Toast(page);
const zoom = new Zoom(page, $("[data-action=zoom]"));
new Lease(page, token, queue, (ids) => {
  queue.remove(ids);
  draw();
});
queue.until = until;
for (const id of unsentIds) queue.known.add(id);

function show() {
  const { item } = queue;
  zoom.set(false);
  panes.show(item, item && queue.picturesOf(item));
  draw();
}

// The thumbnails are less urgent: after the picture has been painted.
function draw() {
  cancelAnimationFrame(draw.frame);
  draw.frame = requestAnimationFrame(() => panes.showNextResults(queue));
}

function showArrived() {
  if (!queue.item || $("#main").hidden) show();
  else draw();
}

function decide(verdict, { reason = "", note = "", label = "" } = {}) {
  const { item } = queue;
  if (!item || item.mark === "approved" || item.mark === "rejected") return;
  if (verdict === "approved" && item.refusal) return toast.show("attention", item.refusal);
  const key = crypto.randomUUID();
  item.mark = verdict;
  decided.push({ item, key, verdict });
  progress.step(1);
  queue.next();
  show();
  outbox.add({ key, result: item.id, verdict, reason, note, name: item.name });
  toast.show(verdict, [`${texts[verdict]}: ${item.name}`, label].filter(Boolean).join(", "), { undo: true });
}

function skip() {
  const { item } = queue;
  if (!item || item.mark) return;
  item.mark = "skipped";
  queue.requeue(item);
  decided.push({ item, verdict: "skipped" });
  queue.next();
  show();
  toast.show("skip", `${texts.skipped}: ${item.name}`, { undo: true });
}

function undo() {
  const last = decided.pop();
  if (!last) return toast.show("info", texts.nothing);
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
  toast.show("undo", `${texts.undone}: ${item.name}`);
}

function answered({ key, name, verdict }, { status, text: why }) {
  if (status === 200) return;
  const n = decided.findIndex((each) => each.key === key);
  const refused = n < 0 ? null : decided.splice(n, 1)[0];
  if (refused) {
    refused.item.mark = "";
    if (verdict !== "pending") progress.step(-1);
  }
  const text = texts.refused.replace("{name}", name).replace("{why}", why);
  toast.show("attention", text, { again: refused && (() => move(queue.items.indexOf(refused.item))) });
  draw();
}

let unsentTimer = 0;
function changed(number, trouble) {
  const unsent = $("[data-unsent]");
  $("[data-offline]").hidden = trouble !== "offline";
  $("[data-signed-out]").hidden = trouble !== "signed-out";
  unsent.querySelector("span").textContent = texts.waiting.replace("{n}", number);
  clearTimeout(unsentTimer);
  if (!number) unsent.hidden = true;
  else if (trouble) unsent.hidden = false;
  else
    unsentTimer = setTimeout(() => {
      unsent.hidden = false;
    }, 700);
}

function move(to) {
  if (to < 0 || !queue.items[to]) return toast.show("info", to < 0 ? texts.first : texts.last);
  queue.go(to);
  show();
}

function slide(value) {
  slider.value = value;
  $("[data-before-after]").style.setProperty("--before-share", `${slider.value}%`);
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
  slide: (by) => slide(Number(slider.value) + by),
  before: (only) => $("[data-before-after]").style.setProperty("--before-share", only ? "100%" : `${slider.value}%`),
  reason: (chosen) => decide("rejected", chosen),
});

slider.addEventListener("input", () => slide(slider.value));
$("[data-next-results]").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move(Number(link.dataset.to));
});
for (const part of page.querySelectorAll("[data-with-scripts]")) part.hidden = false;
$("[data-before-after]").classList.add("is-interactive");
slide(0);
outbox.notify();
outbox.send();
if (items.length < 5 || !queue.item) queue.fetchMore();
show();
