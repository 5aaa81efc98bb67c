// Decisions on their way: kept by the browser until the server has answered each, sent in order,
// again and again with the same keys. Nothing is lost by a reload, and nothing counts twice.
const AT_ONCE = 20;
const PATIENCE_MS = 15000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;

export class Outbox {
  // told: {answered(decision, answer), changed(number, trouble)}; trouble is "", "line" or "out".
  constructor({ user, address, token, told }) {
    Object.assign(this, { address, token, told, wait: 0, timer: 0, busy: false, trouble: "" });
    this.place = `review-decisions-${user}`;
    addEventListener("online", () => this.hurry());
    addEventListener("storage", ({ key }) => key === this.place && this.tell());
  }

  all() {
    try {
      return JSON.parse(localStorage.getItem(this.place) ?? "[]");
    } catch {
      return [];
    }
  }

  keep(decisions) {
    localStorage.setItem(this.place, JSON.stringify(decisions));
    this.tell();
  }

  tell() {
    this.told.changed(this.all().length, this.trouble);
  }

  add(decision) {
    this.keep([...this.all(), decision]);
    if (!this.wait) this.send();
  }

  hurry() {
    clearTimeout(this.timer);
    this.wait = 0;
    this.send();
  }

  async send() {
    const waiting = this.all();
    if (this.busy || !waiting.length || this.trouble === "out") return;
    this.busy = true;
    const sent = waiting.slice(0, AT_ONCE);
    try {
      this.settle(sent, await this.post(sent));
      this.wait = 0;
      this.trouble = "";
    } catch (error) {
      this.trouble = error.message === "out" ? "out" : "line";
    }
    this.busy = false;
    this.tell();
    if (this.trouble === "line") this.later();
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
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // Sent on to the sign-in page, or a page from before somebody signed in again.
    if (answer.redirected || answer.status === 403) throw new Error("out");
    const { answers } = await answer.json();
    if (!answers) throw new Error("line");
    return answers;
  }

  settle(sent, answers) {
    const byKey = new Map(answers.map((answer) => [answer.key, answer]));
    // Read again: another tab, or a key press meanwhile, may have added some.
    this.keep(this.all().filter(({ key }) => !byKey.has(key)));
    for (const decision of sent) {
      if (byKey.has(decision.key)) this.told.answered(decision, byKey.get(decision.key));
    }
  }

  later() {
    this.wait = Math.min(LONGEST_WAIT_MS, (this.wait || FIRST_WAIT_MS / 2) * 2);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), this.wait * (0.75 + Math.random() / 2));
  }
}
