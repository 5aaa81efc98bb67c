// What has just happened, with the one button that helps. Stays until the next; where it would
// cover the garments, on small screens, it leaves by itself.
const STAYS_MS = 4000;
const small = matchMedia("(max-width: 960px)");

export class Toast {
  constructor(page) {
    this.place = page.querySelector("[data-toast]");
    this.again = null;
    this.timer = 0;
  }

  say(icon, text, { undo = false, again = null } = {}) {
    const { place } = this;
    const use = place.querySelector("use");
    use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${icon}`);
    place.querySelector("[data-toast-undo]").hidden = !undo;
    place.querySelector("[data-toast-again]").hidden = !again;
    this.again = again;
    place.hidden = false;
    place.querySelector("[data-toast-text]").textContent = text;
    clearTimeout(this.timer);
    if (small.matches && !again)
      this.timer = setTimeout(() => {
        place.hidden = true;
      }, STAYS_MS);
  }
}
