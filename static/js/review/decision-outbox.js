// Decisions on their way: kept by the browser until the server has answered each, sent in order,
// again and again with the same keys. Nothing is lost by a reload, and nothing counts twice.
const AT_ONCE = 20;
const TIMEOUT_MS = 15000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;

export class Outbox {
  // listener: {answered(decision, answer), changed(number, trouble)}; trouble is "", "offline" or "signed-out".
  constructor({ user, address, token, listener }) {
    Object.assign(this, { address, token, listener, wait: 0, timer: 0, busy: false, trouble: "" });
    this.storageKey = `review-decisions-${user}`;
    addEventListener("online", () => this.sendNow());
    addEventListener("storage", ({ key }) => key === this.storageKey && this.notify());
  }

  all() {
    try {
      return JSON.parse(localStorage.getItem(this.storageKey) ?? "[]");
    } catch {
      return [];
    }
  }

  store(decisions) {
    localStorage.setItem(this.storageKey, JSON.stringify(decisions));
    this.notify();
  }

  notify() {
    this.listener.changed(this.all().length, this.trouble);
  }

  add(decision) {
    this.store([...this.all(), decision]);
    if (!this.wait) this.send();
  }

  sendNow() {
    clearTimeout(this.timer);
    this.wait = 0;
    this.send();
  }

  async send() {
    const waiting = this.all();
    if (this.busy || !waiting.length || this.trouble === "signed-out") return;
    this.busy = true;
    const sent = waiting.slice(0, AT_ONCE);
    try {
      this.settle(sent, await this.post(sent));
      this.wait = 0;
      this.trouble = "";
    } catch (error) {
      this.trouble = error.message === "signed-out" ? "signed-out" : "offline";
    }
    this.busy = false;
    this.notify();
    if (this.trouble === "offline") this.retryLater();
    else this.send();
  }

  async post(decisions) {
    const bodies = decisions.map(({ key, result, verdict, reason, note, undoes }) => ({
      key,
      result,
      verdict,
      reason,
      note,
      undoes,
    }));
    const answer = await fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify({ decisions: bodies }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Sent on to the sign-in page, or a page from before somebody signed in again.
    if (answer.redirected || answer.status === 403) throw new Error("signed-out");
    const { answers } = await answer.json();
    if (!answers) throw new Error("offline");
    return answers;
  }

  settle(sent, answers) {
    const byKey = new Map(answers.map((answer) => [answer.key, answer]));
    // Read again: another tab, or a key press meanwhile, may have added some.
    this.store(this.all().filter(({ key }) => !byKey.has(key)));
    for (const decision of sent) {
      if (byKey.has(decision.key)) this.listener.answered(decision, byKey.get(decision.key));
    }
  }

  retryLater() {
    this.wait = Math.min(LONGEST_WAIT_MS, (this.wait || FIRST_WAIT_MS / 2) * 2);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), this.wait * (0.75 + Math.random() / 2));
  }
}
