// How far, how fast: of this session, on top of what had been decided before.
const SPAN_MS = 300000;
const number = new Intl.NumberFormat(document.documentElement.lang);

export class ProgressCount {
  constructor(page, texts) {
    const $ = (selector) => page.querySelector(selector);
    Object.assign(this, {
      texts,
      bar: $("[data-progress-bar]"),
      at: $("[data-decided-count]"),
      rate: $("[data-rate]"),
      times: [],
    });
    this.count = this.bar.value;
  }

  step(by) {
    this.count = Math.max(0, this.count + by);
    if (by > 0) this.times.push(performance.now());
    else this.times.pop();
    this.bar.value = this.count;
    this.at.textContent = number.format(this.count);
    this.rate.textContent = this.perMinute();
  }

  perMinute() {
    const now = performance.now();
    this.times = this.times.filter((time) => now - time < SPAN_MS);
    const span = now - this.times[0];
    if (this.times.length < 5 || span < 3000) return "";
    return this.texts.rate.replace("{n}", number.format(Math.round((this.times.length - 1) / (span / 60000))));
  }
}
