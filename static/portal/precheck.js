// "Am I eligible?" answers while one types. Without this file a button does the same.
(function () {
  "use strict";

  // A refused answer (422) carries its message: it is shown like any other.
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.status !== 422) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  // A field whose message came or went says so to those who do not see it.
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("[id$=_message]").forEach(function (message) {
      var field = document.getElementById(message.id.replace(/_message$/, ""));
      if (!field || !field.matches("input, select")) return;
      if (message.textContent.trim()) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
  });
})();
