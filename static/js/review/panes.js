// What is on the screen of one result: pictures, captions, facts, and the strip below.
const VERDICT_CLASSES = { approved: "is-ok", rejected: "is-bad", skipped: "" };
const STRIP_BEFORE = 2;
const STRIP = 14;

const createElement = (tag, css = "", ...inside) => {
  const element = document.createElement(tag);
  if (css) element.className = css;
  element.append(...inside);
  return element;
};

export class Panes {
  constructor(page, texts) {
    Object.assign(this, { page, texts, icons: page.dataset.iconsUrl });
    this.$ = (selector) => page.querySelector(selector);
  }

  icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(space, "use");
    use.setAttribute("href", `${this.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  show(item, loaded) {
    const { $ } = this;
    for (const part of ["#main", "[data-footer]"]) $(part).hidden = !item;
    $("[data-queue-empty]").hidden = Boolean(item);
    if (!item) return;
    $(".after").replaceChildren(loaded.result);
    $(".before img").replaceWith(loaded.before);
    $("[data-person] .photo").replaceChildren(loaded.person);
    $("[data-person] b").textContent = item.who;
    $("[data-person] .muted").textContent = item.view;
    $(".garments").replaceChildren(...loaded.garments.map((image) => createElement("div", "photo", image)));
    $("[data-outfit] b").textContent = item.outfit;
    $("[data-outfit] .muted").textContent = item.skus;
    $("[data-result-link]").href = item.url;
    $("[data-caption]").textContent = item.name;
    for (const field of this.page.querySelectorAll("[name=result]")) field.value = item.id;
    this.showFacts(item);
  }

  showFacts(item) {
    const { $, texts } = this;
    const rows = item.facts.flatMap(([label, value]) => [
      createElement("dt", "", label),
      createElement("dd", "", value),
    ]);
    $("[data-facts]").replaceChildren(...rows);
    const notes = item.warnings.map((text) => this.note(texts.check, text));
    if (item.refusal) notes.unshift(this.note(texts.fourEyes, item.refusal));
    $("[data-notes]").replaceChildren(...notes);
    $("[data-notes]").hidden = !notes.length;
  }

  note(word, text) {
    const state = createElement("span", "state is-warn", this.icon("attention"), createElement("span", "", word));
    return createElement("li", "", state, createElement("span", "grow", text));
  }

  showNextResults({ items, at }) {
    const from = Math.max(0, Math.min(at - STRIP_BEFORE, items.length - STRIP));
    const cells = items.slice(from, from + STRIP).map((item, n) => this.cell(item, from + n, at));
    this.$("[data-next-results]").replaceChildren(...cells);
  }

  cell(item, n, at) {
    item.small ??= Object.assign(new Image(54, 72), { alt: item.name, src: item.thumb });
    const link = createElement("a", "", item.small);
    link.href = item.url;
    link.dataset.to = n;
    if (n === at) link.setAttribute("aria-current", "true");
    if (item.mark) link.append(this.mark(item.mark));
    return createElement("li", "", link);
  }

  mark(name) {
    const icon = this.icon(name === "skipped" ? "skip" : name);
    return createElement("span", `mark ${VERDICT_CLASSES[name]}`, icon, createElement("span", "sr", this.texts[name]));
  }
}
