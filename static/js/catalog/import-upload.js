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

function finish(request) {
  const answer = request.response;
  // Signed out meanwhile: the answer is the sign-in page, and loading again says so.
  if (request.responseURL !== form.action) location.reload();
  else if (answer?.page) location.assign(answer.page);
  else if (answer?.errors) fail(Object.values(answer.errors).flat().join(" "));
  else fail($("[data-upload-status]").dataset.connectionLost);
}

function showProgress(event) {
  $("progress").value = event.loaded / event.total;
  if (event.loaded === event.total) $("[data-upload-status]").textContent = $("[data-upload-status]").dataset.reading;
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", showProgress);
  request.addEventListener("load", () => finish(request));
  request.addEventListener("error", () => fail($("[data-upload-status]").dataset.connectionLost));
  $("[data-error]").hidden = true;
  $("[type=file]").removeAttribute("aria-invalid");
  $("[data-sending]").hidden = false;
  $("button.primary").disabled = true;
  request.send(new FormData(form));
});
