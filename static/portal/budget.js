// The budget while one types: amounts, sums, limits and remarks as the server will have them, and
// lines that move. Every task works without this file.
(function () {
  "use strict";

  var amounts = window.portalAmounts;
  var list = document.querySelector('[data-rows="lines"]');
  var panel = document.querySelector("[data-budget]");
  if (!list || !panel) return;
  var body = list.querySelector("[data-rows-here]");
  var UNKNOWN = "–";

  function cell(row, name) {
    return row.querySelector('[name$="-' + name + '"]');
  }

  function text(row, name) {
    var field = cell(row, name);
    return field ? field.value.trim() : "";
  }

  function isRemoved(row) {
    return Boolean(row.querySelector("[data-row-remove]:checked"));
  }

  // As the server has it: a row counts once one of these is filled in.
  function isBlank(row) {
    return !["category", "description", "unit_cost"].some(function (name) { return text(row, name); });
  }

  function rows() {
    return Array.from(body.children);
  }

  function valueOf(name) {
    var field = document.querySelector('[name="' + name + '"]');
    return field ? field.value : "";
  }

  function otherSources() {
    var sources = document.querySelectorAll('[data-rows="funding"] .row-entry');
    return Array.from(sources).filter(function (row) { return !isRemoved(row); }).map(function (row) {
      return text(row, "amount");
    });
  }

  function read(counted) {
    return window.portalBudgetFigures(
      {
        lines: counted.map(function (row) {
          return {
            category: text(row, "category"),
            quantity: text(row, "quantity"),
            cost: text(row, "unit_cost"),
            work_package: text(row, "work_package"),
            bearer: text(row, "bearer"),
          };
        }),
        requested: valueOf("requested"),
        own: valueOf("own_contribution"),
        partners: valueOf("partners_contribution"),
        others: otherSources(),
      },
      { maxRate: panel.dataset.maxRate, ceiling: panel.dataset.ceiling, audit: panel.dataset.audit }
    );
  }

  // --- showing ----------------------------------------------------------------------------------
  function write(place, words) {
    if (place && place.textContent !== words) place.textContent = words;
  }

  function euros(cents) {
    return cents === null ? UNKNOWN : amounts.euros(cents < 0n ? -cents : cents);
  }

  // Lines get their place by where they stand; empty rows have none.
  function number() {
    var place = 0;
    rows().forEach(function (row, index) {
      write(row.querySelector("[data-row-number]"), String(index + 1));
      cell(row, "position").value = isBlank(row) ? "" : String((place += 1));
    });
  }

  function showLines(counted, figures) {
    rows().forEach(function (row) {
      var at = counted.indexOf(row);
      var amount = at < 0 ? "" : figures.lines[at];
      write(
        row.querySelector("[data-line-amount]"),
        amount === "" ? "" : amount === null ? UNKNOWN : amounts.figures(amount)
      );
    });
    document.querySelectorAll("[data-subtotals] [data-key]").forEach(function (line) {
      var sum = figures.by[line.closest("table").dataset.subtotals][line.dataset.key];
      line.hidden = sum === undefined;
      write(line.querySelector("[data-sum]"), sum === undefined ? "" : euros(sum));
    });
  }

  function showSums(figures) {
    document.querySelectorAll("[data-sum-total]").forEach(function (place) {
      write(place, euros(figures.total));
    });
    write(panel.querySelector("[data-sum-financing]"), euros(figures.financing));
    write(panel.querySelector("[data-sum-requested]"), euros(figures.requested));
    write(panel.querySelector("[data-sum-balance]"), euros(figures.balance));
    write(panel.querySelector("[data-sum-rate]"), figures.rate === null ? UNKNOWN : amounts.percent(figures.rate));
    var name = panel.querySelector("[data-balance-name]");
    write(name, figures.balance !== null && figures.balance > 0n ? name.dataset.surplus : name.dataset.open);
    showLimit("ceiling", figures.aboveCeiling, figures.requested !== null);
    showLimit("rate", figures.aboveRate, figures.rate !== null);
  }

  function showLimit(name, above, known) {
    var badge = panel.querySelector('[data-limit="' + name + '"]');
    if (!badge) return;
    badge.hidden = !known;
    write(badge, above ? badge.dataset.above : badge.dataset.within);
    badge.classList.toggle("status-refused", above);
    badge.classList.toggle("status-done", !above);
  }

  function showRemarks(counted, figures) {
    var all = rows();
    var limit = panel.dataset.maxRate === "" ? null : panel.dataset.maxRate;
    var values = {
      numbers: figures.unfinished.map(function (at) { return all.indexOf(counted[at - 1]) + 1; }).join(", "),
      ceiling: euros(figures.ceiling),
      rate: limit === null ? UNKNOWN : amounts.percent(tenThousandths(limit)),
      most: euros(figures.most),
      gap: euros(figures.balance),
    };
    panel.querySelectorAll("[data-remark]").forEach(function (remark) {
      var applies = figures.codes.includes(remark.dataset.remark);
      write(remark, applies ? filled(remark.dataset.sentence, values) : "");
      remark.hidden = !applies;
    });
  }

  function tenThousandths(rate) {
    var parts = rate.split(".");
    return BigInt(parts[0] + ((parts[1] || "") + "0000").slice(0, 4));
  }

  function filled(sentence, values) {
    return sentence.replace(/%\((\w+)\)s/g, function (_all, name) { return values[name]; });
  }

  function show() {
    number();
    var counted = rows().filter(function (row) { return !isRemoved(row) && !isBlank(row); });
    var figures = read(counted);
    showLines(counted, figures);
    showSums(figures);
    showRemarks(counted, figures);
    panel.querySelector("[data-as-saved]").hidden = true;
  }

  // --- moving -----------------------------------------------------------------------------------
  function say(words) {
    list.querySelector("[data-budget-said]").textContent = words;
  }

  // The saving of the section listens to this, as if somebody had typed.
  function changed(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function move(row, direction, focused) {
    var neighbour = direction === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour) return;
    if (direction === "up") neighbour.before(row);
    else neighbour.after(row);
    focused.focus();
    show();
    say(filled(list.dataset.moved, { number: rows().indexOf(row) + 1 }));
    changed(cell(row, "position"));
  }

  list.addEventListener("click", function (event) {
    var button = event.target.closest('button[name="move"]');
    if (!button) return;
    event.preventDefault();
    move(button.closest("tr"), button.value.split("-").pop(), button);
  });

  list.addEventListener("keydown", function (event) {
    var directions = { ArrowUp: "up", ArrowDown: "down" };
    var row = event.target.closest("tr.budget-line");
    if (!event.altKey || !row || !directions[event.key]) return;
    event.preventDefault();
    move(row, directions[event.key], event.target);
  });

  document.addEventListener("input", show);
  document.addEventListener("change", show);
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-row-add]")) show();
  });
  document.addEventListener("DOMContentLoaded", show);

  window.portalBudget = { list: list, cell: cell, isBlank: isBlank, show: show, say: say, changed: changed, filled: filled };
})();
