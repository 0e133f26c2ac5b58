// A score sheet counts its weighted total while one scores, and one key goes on to the next
// dossier. Without this file the portal counts at each save, and the button and the link do the
// same. The arithmetic is that of reviews/scoring.py, in whole numbers.
(function () {
  "use strict";

  var form = document.querySelector("form[data-scale]");
  var next = document.querySelector("[data-next-dossier]");

  document.addEventListener("keydown", function (event) {
    if (event.key !== "F8" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !next) return;
    event.preventDefault();
    next.click();
  });
  if (!form) return;

  var scale = Number(form.dataset.scale);
  var shown = document.querySelector("[data-total]");
  var answered = document.querySelector("[data-answered]");
  var figures = new Intl.NumberFormat(document.documentElement.lang || "en", {
    minimumFractionDigits: 2, maximumFractionDigits: 2
  });

  function count() {
    var points = 0, weights = 0, done = 0, all = 0;
    form.querySelectorAll("[data-weight]").forEach(function (criterion) {
      var chosen = criterion.querySelector("input[type=radio]:checked");
      all += 1;
      if (!chosen) return;
      done += 1;
      if (!/^\d+$/.test(chosen.value)) return; // not able to judge is no score, and no zero
      points += Number(criterion.dataset.weight) * Number(chosen.value);
      weights += Number(criterion.dataset.weight);
    });
    var whole = scale * weights;
    // Hundredths of a point of 100, a half rounded up.
    shown.textContent = whole ? figures.format(Math.floor((20000 * points + whole) / (2 * whole)) / 100) : "–";
    // The sentence's own two numbers, in whichever order its language has them: done, then all.
    var numbers = [done, all];
    answered.textContent = answered.textContent.replace(/\d+/g, function (old) {
      return numbers.length ? String(numbers.shift()) : old;
    });
  }
  form.addEventListener("change", count);
})();
