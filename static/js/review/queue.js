// The results of this session in order: those decided, the one looked at, and the next ones, whose
// pictures are loaded and decoded before they are wanted.
const PRELOAD = 6;
const FETCH_BELOW = 7;
const RETRY_MS = 2000;
const MAX_LEASED = 200;

function picture({ src, width, height, alt }) {
  const image = Object.assign(new Image(width, height), { alt, src, decoding: "sync" });
  image.ready = image.decode().catch(() => {});
  return image;
}

export class Queue {
  constructor(items, address, changed) {
    Object.assign(this, { items: [], at: 0, address, changed, fetching: false, exhausted: false, until: 0 });
    this.known = new Set();
    this.add(items);
  }

  get item() {
    return this.items[this.at];
  }

  get undecidedAhead() {
    return this.items.slice(this.at).filter((item) => !item.mark).length;
  }

  // Ids that this console has leased; no more than it may renew at once.
  get leased() {
    return this.items
      .filter(({ mark }) => !mark)
      .map(({ id }) => id)
      .slice(0, MAX_LEASED);
  }

  add(items) {
    const fresh = items.filter(({ id }) => !this.known.has(id));
    for (const item of fresh) this.known.add(item.id);
    this.items.push(...fresh);
    this.load();
    return fresh.length;
  }

  load() {
    for (const item of this.items.slice(this.at, this.at + PRELOAD)) this.picturesOf(item);
    // What lies far behind is loaded again should anybody go back.
    for (const item of this.items.slice(0, Math.max(0, this.at - PRELOAD))) delete item.loaded;
  }

  picturesOf(item) {
    item.loaded ??= {
      result: picture(item.image),
      person: picture(item.person),
      before: picture({ ...item.person, alt: "" }),
      garments: item.garments.map(picture),
    };
    return item.loaded;
  }

  go(to) {
    if (to < 0 || to > this.items.length) return false;
    this.at = to;
    this.load();
    if (this.undecidedAhead < FETCH_BELOW) this.fetchMore();
    return true;
  }

  // The next one that nobody has decided; skipped ones come again behind all others.
  next() {
    let to = this.at + 1;
    while (this.items[to]?.mark) to += 1;
    this.go(Math.min(to, this.items.length));
  }

  requeue(item) {
    this.items.push({ ...item, mark: "", small: undefined, again: true });
  }

  remove(ids) {
    const lost = new Set(ids);
    const current = this.item;
    this.items = this.items.filter((item) => item === current || item.mark || !lost.has(item.id));
    for (const id of lost) if (id !== current?.id) this.known.delete(id);
    this.at = current ? this.items.indexOf(current) : this.items.length;
  }

  async fetchMore() {
    if (this.fetching || this.exhausted) return;
    this.fetching = true;
    const last = Math.max(0, ...this.known);
    try {
      const answer = await fetch(`${this.address}&after=${last}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const { items, until } = await answer.json();
      this.until = until;
      this.exhausted = !this.add(items);
    } catch {
      setTimeout(() => this.fetchMore(), RETRY_MS);
    }
    this.fetching = false;
    this.changed();
  }
}
