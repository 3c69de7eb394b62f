// Questions that depend on an answer come and go with it. Without this script all of them stand there with a hint.
(() => {
  "use strict";
  const parts = [...document.querySelectorAll("[data-show-if]")];
  if (!parts.length) return;
  document.documentElement.classList.add("scripted");
  const chosen = (name) => [...document.getElementsByName(name)]
    .filter((input) => !input.closest("[data-show-if][hidden]"))
    .filter((input) => !["checkbox", "radio"].includes(input.type) || input.checked)
    .map((input) => ({ true: "yes", false: "no" })[input.value] ?? input.value);
  const show = () => parts.forEach((part) => { // in the order of the page: what hangs on a hidden one hides after it
    part.hidden = !chosen(part.dataset.showIf).includes(part.dataset.showValue);
  });
  document.addEventListener("input", show);
  document.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
})();
