// The results that this console has loaded are leased to its reviewer: renewed while somebody uses
// it, released when the page is left.
const EVERY_MS = 40000;
const IDLE_MS = 600000;

export class Lease {
  constructor(page, token, queue, onLost) {
    Object.assign(this, { page, token, queue, onLost, lastActivity: Date.now() });
    for (const type of ["keydown", "pointermove", "pointerdown"])
      addEventListener(type, () => this.noteActivity(), { passive: true });
    addEventListener("pagehide", () => this.release());
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    setInterval(() => this.renew(), EVERY_MS);
  }

  noteActivity() {
    const wasIdle = Date.now() - this.lastActivity > IDLE_MS;
    this.lastActivity = Date.now();
    if (wasIdle) this.renew();
  }

  body(more = {}) {
    const form = new FormData();
    const values = { csrfmiddlewaretoken: this.token, ids: this.queue.leased.join(","), ...more };
    for (const [name, value] of Object.entries(values)) form.append(name, value);
    return form;
  }

  async renew() {
    const ids = this.queue.leased;
    if (!ids.length || Date.now() - this.lastActivity > IDLE_MS) return;
    try {
      const answer = await fetch(this.page.dataset.renewLeaseUrl, { method: "POST", body: this.body() });
      if (!answer.ok || answer.redirected) return;
      const { held, until } = await answer.json();
      this.queue.until = until;
      this.onLost(ids.filter((id) => !held.includes(id)));
    } catch {
      // The line is down: the next renewal asks again.
    }
  }

  release() {
    if (this.queue.leased.length)
      navigator.sendBeacon(this.page.dataset.releaseLeaseUrl, this.body({ until: this.queue.until }));
  }
}
