// The form works by itself; here an upload shows how far it is, and an error keeps what was typed.
const form = document.querySelector("[data-upload]");
const $ = (selector) => form.querySelector(selector);

function fail(text) {
  $("[data-error]").hidden = false;
  $("[data-error] span").textContent = text;
  $("[data-sending]").hidden = true;
  $("button.primary").disabled = false;
  $("[type=file]").setAttribute("aria-invalid", "true");
  $("[type=file]").focus();
}

function ended(request) {
  const answer = request.response;
  // Signed out meanwhile: the answer is the sign-in page, and loading again says so.
  if (request.responseURL !== form.action) location.reload();
  else if (answer?.page) location.assign(answer.page);
  else if (answer?.errors) fail(Object.values(answer.errors).flat().join(" "));
  else fail($("[data-said]").dataset.gone);
}

function moved(event) {
  $("progress").value = event.loaded / event.total;
  if (event.loaded === event.total) $("[data-said]").textContent = $("[data-said]").dataset.reading;
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", moved);
  request.addEventListener("load", () => ended(request));
  request.addEventListener("error", () => fail($("[data-said]").dataset.gone));
  $("[data-error]").hidden = true;
  $("[type=file]").removeAttribute("aria-invalid");
  $("[data-sending]").hidden = false;
  $("button.primary").disabled = true;
  request.send(new FormData(form));
});
