// Live import: the numbers change in place. Asks only while it is at work and seen.
const EVERY_MS = 2000;
const SAY_MS = 60000;
const page = document.querySelector("[data-import]");
const $ = (selector) => page.querySelector(selector);
const shownAtLoad = page.querySelectorAll(".import-rows > li").length;
let address = page.dataset.import;
let timer = 0;
let said = Date.now();

function setMark(chip, { css, icon, word }) {
  chip.className = `state ${css}`;
  const use = chip.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
  chip.querySelector("span").textContent = word;
}

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

async function ask() {
  try {
    const answer = await fetch(address);
    // Signed out meanwhile: the answer is the sign-in page, and loading again says so.
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.json());
    $("[data-offline]").hidden = true;
  } catch {
    $("[data-offline]").hidden = false;
  }
  next();
}

function next() {
  clearTimeout(timer);
  if (address && !document.hidden) timer = setTimeout(ask, EVERY_MS);
}

document.addEventListener("visibilitychange", next);
next();
