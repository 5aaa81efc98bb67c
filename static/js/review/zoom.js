// Zoom and pan over person and result at once: the same spot of both, however large each is drawn.
const ZOOM = 2.5;

export class Zoom {
  constructor(page, button) {
    Object.assign(this, { page, button });
    for (const area of page.querySelectorAll(".zoomable, [data-before-after]")) {
      area.addEventListener("pointermove", (event) => this.pan(event, area));
      area.addEventListener("click", () => this.on && this.set(false));
      area.addEventListener("wheel", (event) => this.wheel(event, area), { passive: false });
    }
  }

  get on() {
    return this.page.classList.contains("zoomed");
  }

  set(on) {
    this.page.classList.toggle("zoomed", on);
    this.page.style.setProperty("--zoom", on ? ZOOM : 1);
    this.button.setAttribute("aria-pressed", on);
  }

  pan({ clientX, clientY }, area) {
    if (!this.on) return;
    const box = area.getBoundingClientRect();
    this.page.style.setProperty("--x", `${((clientX - box.left) / box.width) * 100}%`);
    this.page.style.setProperty("--y", `${((clientY - box.top) / box.height) * 100}%`);
  }

  wheel(event, area) {
    event.preventDefault();
    this.set(event.deltaY < 0);
    this.pan(event, area);
  }
}
