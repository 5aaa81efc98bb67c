// Live import: the numbers change in place. Asks only while it is at work and seen.
import { poll, setBadge } from "../poll.js";

const ANNOUNCE_EVERY_MS = 60000;
const page = document.querySelector("[data-progress-url]");
const $ = (selector) => page.querySelector(selector);
const shownAtLoad = page.querySelectorAll(".import-rows > li").length;
let address = page.dataset.progressUrl;
let announcedAt = Date.now();

function showSegment(state, { count, x, width }) {
  $(`[data-count="${state}"]`).textContent = count;
  const part = $(`[data-part="${state}"]`);
  part.setAttribute("x", x);
  part.setAttribute("width", width);
}

// A screen reader hears a summary, not each row.
function announce(text, last) {
  if (!last && Date.now() - announcedAt < ANNOUNCE_EVERY_MS) return;
  announcedAt = Date.now();
  $("[data-announcement]").textContent = text;
}

function show(news) {
  for (const [state, segment] of Object.entries(news.segments)) showSegment(state, segment);
  setBadge($("[data-overall-state] [data-badge]"), news.badge);
  $("[data-progress-text]").textContent = news.text;
  $(".bars").setAttribute("aria-label", news.text);
  announce(news.text, !news.live);
  if (news.live) return;
  // What can be done now, and the reasons, come with the page.
  address = "";
  if (!shownAtLoad || scrollY < 200) location.reload();
  else $("[data-stale]").hidden = false;
}

poll(() => address, show, $("[data-offline]"));
