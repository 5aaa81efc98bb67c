// Live batch: numbers and cells change in place. Asks only while something is unfinished and seen.
import { poll, setBadge } from "../poll.js";

const ANNOUNCE_EVERY_MS = 60000;
const page = document.querySelector("[data-progress-url]");
const $ = (selector) => page.querySelector(selector);
const failedAtLoad = Number($("[data-count=failed]").dataset.n);
let address = page.dataset.progressUrl;
let announcedAt = Date.now();

function showCell({ id, state, badge, thumb, note }) {
  const card = $(`[data-job="${id}"]`);
  if (!card || card.dataset.state === state) return;
  card.dataset.state = state;
  setBadge(card.querySelector("[data-badge]"), badge);
  if (thumb) card.querySelector("img").src = thumb;
  card.querySelector("[data-note]").textContent = note;
}

function showSegment(state, { count_text: countText, x, width }) {
  $(`[data-count="${state}"]`).textContent = countText;
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
function announce(text, last) {
  if (!last && Date.now() - announcedAt < ANNOUNCE_EVERY_MS) return;
  announcedAt = Date.now();
  $("[data-announcement]").textContent = text;
}

function show(news) {
  for (const [state, segment] of Object.entries(news.segments)) showSegment(state, segment);
  for (const cell of news.cells) showCell(cell);
  setBadge($("[data-overall-state] [data-badge]"), news.badge);
  $("[data-progress-text]").textContent = news.text;
  $(".bars").setAttribute("aria-label", news.text);
  $("[data-eta]").textContent = news.eta;
  const running = $("[data-at-once]");
  if (running) running.textContent = news.at_once;
  showSpend(news.spend);
  showStale(news);
  announce([news.text, news.eta].filter(Boolean).join(". "), !news.live);
  if (!news.live) finish();
}

// Nothing is left to pause, to hurry or to cancel.
function finish() {
  address = "";
  for (const control of page.querySelectorAll("[data-while-running]")) control.remove();
}

function nextAddress() {
  const open = [...page.querySelectorAll("[data-state=queued], [data-state=running]")];
  return address && `${address}?jobs=${open.map((card) => card.dataset.job)}`;
}

poll(nextAddress, show, $("[data-offline]"));
