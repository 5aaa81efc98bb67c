// Asks an address while there is one and the page is seen; says where the connection is gone.
const EVERY_MS = 2000;

// `where` gives the next address, "" to stop; `show` takes each answer; `offline` is the banner.
export function poll(where, show, offline) {
  let timer = 0;

  async function ask() {
    try {
      const answer = await fetch(where());
      // Signed out meanwhile: the answer is the sign-in page, and loading again says so.
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
      offline.hidden = true;
    } catch {
      offline.hidden = false;
    }
    next();
  }

  function next() {
    clearTimeout(timer);
    if (where() && !document.hidden) timer = setTimeout(ask, EVERY_MS);
  }

  document.addEventListener("visibilitychange", next);
  next();
}

// A state's look: colour, icon and word change together.
export function setMark(chip, { css, icon, word }) {
  chip.className = `state ${css}`;
  const use = chip.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
  chip.querySelector("span").textContent = word;
}
