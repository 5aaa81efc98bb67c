// What this console has loaded is lent to its reviewer: renewed while somebody is at it, given back
// when the page is left.
const EVERY_MS = 40000;
const IDLE_MS = 600000;

export class Lease {
  constructor(page, token, queue, lost) {
    Object.assign(this, { page, token, queue, lost, seen: Date.now() });
    for (const sign of ["keydown", "pointermove", "pointerdown"])
      addEventListener(sign, () => this.seenNow(), { passive: true });
    addEventListener("pagehide", () => this.release());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    setInterval(() => this.beat(), EVERY_MS);
  }

  seenNow() {
    const away = Date.now() - this.seen > IDLE_MS;
    this.seen = Date.now();
    if (away) this.beat();
  }

  body(more = {}) {
    const form = new FormData();
    const values = { csrfmiddlewaretoken: this.token, ids: this.queue.held.join(","), ...more };
    for (const [name, value] of Object.entries(values)) form.append(name, value);
    return form;
  }

  async beat() {
    const asked = this.queue.held;
    if (!asked.length || Date.now() - this.seen > IDLE_MS) return;
    try {
      const answer = await fetch(this.page.dataset.beat, { method: "POST", body: this.body() });
      if (!answer.ok || answer.redirected) return;
      const { held, until } = await answer.json();
      this.queue.until = until;
      this.lost(asked.filter((id) => !held.includes(id)));
    } catch {
      // The line is down: the next beat asks again.
    }
  }

  release() {
    if (this.queue.held.length) navigator.sendBeacon(this.page.dataset.release, this.body({ until: this.queue.until }));
  }
}
