// Live batch: numbers and cells change in place. Asks only while something is unfinished and seen.
import { poll, setMark } from "../poll.js";

const SAY_MS = 60000;
const page = document.querySelector("[data-live]");
const $ = (selector) => page.querySelector(selector);
const failedAtLoad = Number($("[data-count=failed]").dataset.n);
let address = page.dataset.live;
let said = Date.now();

function showCell({ id, state, mark, thumb, note }) {
  const card = $(`[data-job="${id}"]`);
  if (!card || card.dataset.state === state) return;
  card.dataset.state = state;
  setMark(card.querySelector("[data-mark]"), mark);
  if (thumb) card.querySelector("img").src = thumb;
  card.querySelector("[data-note]").textContent = note;
}

function showSegment(state, { said, x, width }) {
  $(`[data-count="${state}"]`).textContent = said;
  const part = $(`[data-part="${state}"]`);
  part.setAttribute("x", x);
  part.setAttribute("width", width);
}

function showSpend(spend) {
  for (const place of page.querySelectorAll("[data-spend]")) {
    place.textContent = spend[place.dataset.spend];
  }
  const meter = $("[data-meter]");
  if (!meter) return;
  meter.value = spend.value;
  meter.setAttribute("aria-label", spend.meter);
}

// What its buttons and banners are about has changed: the page is loaded again by hand, so that
// nothing moves under a pointer.
function showStale({ segments, held, live }) {
  $("[data-stale=failed]").hidden = segments.failed.count <= failedAtLoad;
  $("[data-stale=held]").hidden = !live || held === page.dataset.held;
}

// A screen reader hears a summary, not each job.
function say(words, last) {
  if (!last && Date.now() - said < SAY_MS) return;
  said = Date.now();
  $("[data-say]").textContent = words;
}

function show(news) {
  for (const [state, segment] of Object.entries(news.segments)) showSegment(state, segment);
  for (const cell of news.cells) showCell(cell);
  setMark($("[data-whole] [data-mark]"), news.mark);
  $("[data-words]").textContent = news.words;
  $(".bars").setAttribute("aria-label", news.words);
  $("[data-eta]").textContent = news.eta;
  const lanes = $("[data-at-once]");
  if (lanes) lanes.textContent = news.at_once;
  showSpend(news.spend);
  showStale(news);
  say([news.words, news.eta].filter(Boolean).join(". "), !news.live);
  if (!news.live) end();
}

// Nothing is left to pause, to hurry or to cancel.
function end() {
  address = "";
  for (const control of page.querySelectorAll("[data-while-live]")) control.remove();
}

function ask() {
  const open = [...page.querySelectorAll("[data-state=queued], [data-state=running]")];
  return address && `${address}?jobs=${open.map((card) => card.dataset.job)}`;
}

poll(ask, show, $("[data-offline]"));
