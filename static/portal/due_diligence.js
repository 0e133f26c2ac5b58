// Due diligence while one ticks: the level, the steps that it asks, a risk for every warning sign,
// measures for the risks that need them. The levels are the server's; here they are only compared.
// Nothing is lost by hiding: what is written in a step that is not asked stays in the form.
(function () {
  "use strict";

  var LEVELS = ["low", "medium", "high"];
  var panel = document.querySelector(".risk-level");
  var risks = document.querySelector('[data-rows="risks"]');
  if (!risks) return;

  function all(selector, root) {
    return Array.from((root || document).querySelectorAll(selector));
  }

  function flagBoxes() {
    return all('input[name="flags"]');
  }

  function ticked(flag) {
    return flagBoxes().some(function (box) { return box.value === flag && box.checked; });
  }

  function reasons() {
    return all("[data-level-reasons] > li");
  }

  // --- the level --------------------------------------------------------------------------------
  function counts(reason) {
    return !reason.dataset.flag || ticked(reason.dataset.flag);
  }

  function currentLevel() {
    var ranks = reasons().filter(counts).map(function (reason) {
      return LEVELS.indexOf(reason.dataset.level);
    });
    return LEVELS[Math.max.apply(null, ranks)];
  }

  function asked(element, level) {
    return element.dataset.levels.split(" ").indexOf(level) >= 0;
  }

  function showLevel(level) {
    panel.dataset.level = level;
    all("[data-if-level]", panel).forEach(function (each) {
      each.hidden = each.dataset.ifLevel !== level;
    });
    reasons().forEach(function (reason) {
      reason.hidden = !counts(reason) || reason.dataset.level !== level;
    });
  }

  function showSteps(level) {
    var number = 0;
    var steps = all("[data-step]");
    steps.forEach(function (step) {
      // A step with something to correct stays in sight.
      step.hidden = !asked(step, level) && !step.querySelector(".is-invalid");
      var link = document.querySelector('[data-step-of="' + step.dataset.step + '"]');
      link.hidden = step.hidden;
      if (!step.hidden) number += 1;
      step.querySelector("[data-step-number]").textContent = String(number);
    });
    all("[data-step-count]").forEach(function (place) { place.textContent = String(number); });
  }

  // --- measures ---------------------------------------------------------------------------------
  function valueOf(row, name) {
    var field = row.querySelector('[name$="-' + name + '"]');
    return field ? field.value.trim() : "";
  }

  function isLow(row) {
    return valueOf(row, "severity") === "low" && valueOf(row, "likelihood") === "low";
  }

  function isWritten(root) {
    return all("textarea, select, input:not([type=hidden]):not([type=checkbox])", root).some(
      function (field) { return field.value.trim() !== ""; });
  }

  function riskRows() {
    return Array.from(risks.querySelector("[data-rows-here]").children);
  }

  function showMeasures(level) {
    var step = document.querySelector('[data-step="risks"]');
    var wanted = step.dataset.measuresLevels.split(" ").indexOf(level) >= 0;
    riskRows().forEach(function (row) {
      var measures = row.querySelector("[data-measures]");
      var kept = measures.dataset.measures === "written" || isWritten(measures);
      measures.hidden = !kept && (!wanted || isLow(row));
    });
  }

  // --- a risk for every warning sign --------------------------------------------------------------
  function proposal(row) {
    return row.querySelector("[data-proposed]");
  }

  // Nothing is written in it but the sign that was proposed.
  function isEmpty(row) {
    var flag = row.querySelector('select[name$="-flag"]');
    var fields = all("textarea, select, input:not([type=hidden]):not([type=checkbox])", row);
    return fields.every(function (field) {
      return field.value.trim() === "" || (field === flag && field.value === proposal(row).value);
    });
  }

  function name(row, flag) {
    row.querySelector('select[name$="-flag"]').value = flag;
    proposal(row).value = flag;
    row.querySelector("[data-proposed-note]").hidden = flag === "";
  }

  function propose(box) {
    var flag = box.value;
    var rows = riskRows();
    if (!box.checked) {
      rows.filter(function (row) { return proposal(row).value === flag && isEmpty(row); })
        .forEach(function (row) { name(row, ""); });
      return;
    }
    if (rows.some(function (row) { return valueOf(row, "flag") === flag; })) return;
    var free = rows.find(function (row) { return isEmpty(row) && valueOf(row, "flag") === ""; });
    if (!free) {
      var buttons = all("[data-row-add]", risks);
      var button = buttons[buttons.length - 1];
      if (button.closest("[data-row-room]").hidden) return; // the list is full
      button.click();
      box.focus({ preventScroll: true });
      free = riskRows()[rows.length];
    }
    if (!free) return;
    name(free, flag);
    unfold(free);
  }

  // --- finished steps are folded ------------------------------------------------------------------
  function unfold(element) {
    for (var fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
  }

  // A link to a step opens it; one to a field within opens it where the browser does not by itself.
  function unfoldTarget() {
    var target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    var own = target.matches(".step") && target.querySelector(".step-fold");
    if (own) own.open = true;
    unfold(target);
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", unfoldTarget);

  // --- together -----------------------------------------------------------------------------------
  function refresh() {
    if (!panel) return;
    var level = currentLevel();
    if (panel.dataset.level !== level || !refresh.shown) showSteps(level);
    refresh.shown = true;
    showLevel(level);
    showMeasures(level);
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches('input[name="flags"]')) propose(event.target);
    if (event.target.closest(".dossier-form")) refresh();
  });
  // dossier.js has added the row by then.
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-row-add]")) refresh();
  });
  refresh();
  unfoldTarget();
})();
