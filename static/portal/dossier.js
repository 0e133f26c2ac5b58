// The dossier's pages made handier: rows without a reload, sums while typing, a filter for long
// lists. Every task works without this file. Saving by itself: autosave.js.
(function () {
  "use strict";

  // --- rows -------------------------------------------------------------------------------------
  function total(list) {
    return list.querySelector('input[name="' + list.dataset.rows + '-TOTAL_FORMS"]');
  }

  function renumber(list) {
    var here = list.querySelector("[data-rows-here]");
    Array.prototype.forEach.call(here.children, function (row, index) {
      var number = row.querySelector("[data-row-number]");
      if (number) number.textContent = String(index + 1);
    });
  }

  function addRow(list) {
    var template = Array.prototype.find.call(list.children, function (child) {
      return child.matches("template[data-row-empty]");
    });
    var count = total(list);
    var index = Number(count.value);
    if (!template || index >= 200) return false;
    var prefix = list.dataset.rows;
    var holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll(prefix + "-__prefix__", prefix + "-" + index);
    list.querySelector("[data-rows-here]").append(holder.content);
    count.value = String(index + 1);
    renumber(list);
    var added = list.querySelector("[data-rows-here]").lastElementChild;
    var field = added.querySelector("input:not([type=hidden]), select, textarea");
    if (field) field.focus();
    return true;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-row-add]");
    if (!button) return;
    if (addRow(button.closest("[data-rows]"))) event.preventDefault();
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-row-remove]")) {
      event.target.closest(".row-entry").classList.toggle("row-removed", event.target.checked);
    }
  });

  // --- sums while typing ------------------------------------------------------------------------
  // Exact, in hundredths, by BigInt. What cannot be read without doubt is no number, and then there
  // is no sum: the server says what is wrong.
  function hundredths(text) {
    var figure = text.trim().replace(/^(€|EUR)\s*|\s*(€|EUR)$/gi, "").replace(/[\s\u00a0\u202f'’]/g, "");
    if (figure === "") return 0n;
    var english = document.documentElement.lang === "en";
    var plain = /^\d+([.,]\d{1,2})?$/.exec(figure);
    if (!plain) {
      if (/^\d{1,3}(,\d{3})+(\.\d{1,2})?$/.test(figure) && (english || figure.includes(".") || figure.split(",").length > 2)) {
        figure = figure.replaceAll(",", "");
      } else if (/^\d{1,3}(\.\d{3})+(,\d{1,2})?$/.test(figure) && (figure.includes(",") || figure.split(".").length > 2)) {
        figure = figure.replaceAll(".", "");
      } else {
        return null;
      }
    }
    var parts = figure.replace(",", ".").split(".");
    return BigInt(parts[0]) * 100n + BigInt(((parts[1] || "") + "00").slice(0, 2));
  }

  function euros(cents) {
    var whole = new Intl.NumberFormat(document.documentElement.lang).format(cents / 100n);
    var mark = document.documentElement.lang === "en" ? "." : ",";
    return "EUR\u00a0" + whole + mark + String(cents % 100n).padStart(2, "0");
  }

  function lineSum(list) {
    var sum = 0n;
    var rows = list.querySelectorAll(".row-entry");
    for (var i = 0; i < rows.length; i += 1) {
      if (rows[i].querySelector("[data-row-remove]:checked")) continue;
      var unit = rows[i].querySelector('input[name$="-unit_cost"]');
      var quantity = rows[i].querySelector('input[name$="-quantity"]');
      if (!unit || unit.value.trim() === "") continue;
      var cost = hundredths(unit.value);
      var times = quantity.value.trim() === "" ? 100n : hundredths(quantity.value);
      if (cost === null || times === null) return null;
      sum += (cost * times + 50n) / 100n;
    }
    return sum;
  }

  function showSum() {
    var list = document.querySelector('[data-rows="lines"]');
    var place = document.querySelector("[data-live-sum]");
    if (!list || !place) return;
    var sum = lineSum(list);
    place.textContent = sum === null ? "–" : euros(sum);
    document.querySelector("[data-live-total]").hidden = false;
  }

  // --- a filter for long lists of boxes ---------------------------------------------------------
  function addFilter(group) {
    var boxes = group.querySelectorAll(".form-check");
    var legend = group.querySelector("legend");
    if (boxes.length < 20 || !legend) return;
    var input = document.createElement("input");
    input.type = "search";
    input.className = "form-control choice-filter";
    input.setAttribute("aria-label", group.dataset.filter);
    input.placeholder = group.dataset.filter;
    legend.after(input);
    input.addEventListener("input", function () {
      var wanted = plainText(input.value);
      boxes.forEach(function (box) {
        var ticked = box.querySelector("input").checked;
        box.hidden = !ticked && !plainText(box.textContent).includes(wanted);
      });
    });
    // Enter here looks for a country; it does not send the form.
    input.addEventListener("keydown", function (event) {
      if (event.key === "Enter") event.preventDefault();
    });
  }

  function plainText(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim();
  }

  document.addEventListener("input", showSum);
  document.addEventListener("change", showSum);

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-filter]").forEach(addFilter);
    showSum();
  });
})();
