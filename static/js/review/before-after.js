// Before and after: a range input over two pictures; without scripts the result stands alone.
for (const comparison of document.querySelectorAll("[data-before-after]")) {
  const slider = comparison.querySelector("input");
  const slide = () => comparison.style.setProperty("--before-share", `${slider.value}%`);
  for (const part of comparison.querySelectorAll("[hidden]")) part.hidden = false;
  comparison.classList.add("is-interactive");
  slider.addEventListener("input", slide);
  slide();
}
