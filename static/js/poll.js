// Asks an address while there is one and the page is seen; says where the connection is gone.
const EVERY_MS = 2000;

// `nextAddress` gives the next address, "" to stop; `show` takes each answer; `offline` is the banner.
export function poll(nextAddress, show, offline) {
  let timer = 0;

  async function request() {
    try {
      const answer = await fetch(nextAddress());
      // Signed out meanwhile: the answer is the sign-in page, and loading again says so.
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
      offline.hidden = true;
    } catch {
      offline.hidden = false;
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (nextAddress() && !document.hidden) timer = setTimeout(request, EVERY_MS);
  }

  document.addEventListener("visibilitychange", schedule);
  schedule();
}

// A state's look: colour, icon and word change together.
export function setBadge(badge, { css, icon, word }) {
  badge.className = `state ${css}`;
  const use = badge.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
  badge.querySelector("span").textContent = word;
}
