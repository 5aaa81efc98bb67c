// Before and after: a range input over two pictures; without scripts the result stands alone.
for (const compare of document.querySelectorAll("[data-compare]")) {
  const cut = compare.querySelector("input");
  const slide = () => compare.style.setProperty("--cut", `${cut.value}%`);
  for (const part of compare.querySelectorAll("[hidden]")) part.hidden = false;
  compare.classList.add("live");
  cut.addEventListener("input", slide);
  slide();
}
