// Live import: the numbers change in place. Asks only while it is at work and seen.
import { poll, setMark } from "../poll.js";

const SAY_MS = 60000;
const page = document.querySelector("[data-import]");
const $ = (selector) => page.querySelector(selector);
const shownAtLoad = page.querySelectorAll(".import-rows > li").length;
let address = page.dataset.import;
let said = Date.now();

function showSegment(state, { count, x, width }) {
  $(`[data-count="${state}"]`).textContent = count;
  const part = $(`[data-part="${state}"]`);
  part.setAttribute("x", x);
  part.setAttribute("width", width);
}

// A screen reader hears a summary, not each row.
function say(words, last) {
  if (!last && Date.now() - said < SAY_MS) return;
  said = Date.now();
  $("[data-say]").textContent = words;
}

function show(news) {
  for (const [state, segment] of Object.entries(news.segments)) showSegment(state, segment);
  setMark($("[data-whole] [data-mark]"), news.mark);
  $("[data-words]").textContent = news.words;
  $(".bars").setAttribute("aria-label", news.words);
  say(news.words, !news.live);
  if (news.live) return;
  // What can be done now, and the reasons, come with the page.
  address = "";
  if (!shownAtLoad || scrollY < 200) location.reload();
  else $("[data-stale]").hidden = false;
}

poll(() => address, show, $("[data-offline]"));
