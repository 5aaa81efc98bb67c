// The number of unread notifications, asked for after the page: no page waits for it.
const links = document.querySelectorAll("[data-unread-url]");

async function showCount() {
  const answer = await fetch(links[0].dataset.unreadUrl, { headers: { Accept: "application/json" } });
  const { n, text } = answer.ok ? await answer.json() : { n: 0 };
  for (const link of links) {
    const count = link.querySelector("[data-unread]");
    count.hidden = n === 0;
    count.querySelector("b").textContent = text ?? "";
  }
}

// Offline, or on the way to the next page, it stays as it is.
if (links.length) showCount().catch(() => {});
