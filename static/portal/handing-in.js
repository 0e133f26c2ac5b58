// Says so at once when the deadline passes while the page is open. The page works without this.
(function () {
  "use strict";
  var form = document.querySelector("form[data-deadline]");
  if (!form) return;
  // By the server's clock: the visitor's may be wrong.
  var left = Date.parse(form.dataset.deadline) - Date.parse(form.dataset.now);
  var begun = performance.now();

  function look() {
    var rest = left - (performance.now() - begun);
    // A timer holds at most 24 days; and a sleeping machine wakes up late.
    if (rest >= 0) { window.setTimeout(look, Math.min(rest + 1000, 60000)); return; }
    document.querySelectorAll("[data-after-deadline]").forEach(function (part) { part.hidden = false; });
    document.querySelectorAll("[data-before-deadline]").forEach(function (part) { part.hidden = true; });
  }
  look();
})();
