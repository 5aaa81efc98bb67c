// The pages of the API's document: Swagger UI, with nothing that is not of this site.
const page = document.getElementById("api-docs");
SwaggerUIBundle({
  url: page.dataset.document,
  domNode: page,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
});
