// The bell's number, asked for after the page: no page waits for it.
const bells = document.querySelectorAll("[data-bell]");

async function ask() {
  const answer = await fetch(bells[0].dataset.bell, { headers: { Accept: "application/json" } });
  const { n, text } = answer.ok ? await answer.json() : { n: 0 };
  for (const bell of bells) {
    const count = bell.querySelector("[data-unread]");
    count.hidden = n === 0;
    count.querySelector("b").textContent = text ?? "";
  }
}

// Offline, or on the way to the next page, it stays as it is.
if (bells.length) ask().catch(() => {});
