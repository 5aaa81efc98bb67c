// What has just happened, with the one button that helps. Stays until the next; where it would
// cover the garments, on small screens, it leaves by itself.
const STAYS_MS = 4000;
const small = matchMedia("(max-width: 960px)");

export class Toast {
  constructor(page) {
    this.element = page.querySelector("[data-toast]");
    this.again = null;
    this.timer = 0;
  }

  show(icon, text, { undo = false, again = null } = {}) {
    const { element } = this;
    const use = element.querySelector("use");
    use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
    element.querySelector("[data-toast-undo]").hidden = !undo;
    element.querySelector("[data-toast-again]").hidden = !again;
    this.again = again;
    element.hidden = false;
    element.querySelector("[data-toast-text]").textContent = text;
    clearTimeout(this.timer);
    if (small.matches && !again)
      this.timer = setTimeout(() => {
        element.hidden = true;
      }, STAYS_MS);
  }
}
