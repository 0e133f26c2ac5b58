// The dossier's pages made handier: rows without a reload, a filter for long
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

  // The button gives way to the sentence that there is no more room.
  function sayFull(list) {
    Array.prototype.forEach.call(list.children, function (child) {
      if (child.matches("[data-row-room]")) child.hidden = true;
      if (child.matches("[data-row-full]")) child.hidden = false;
    });
  }

  function addRow(list) {
    var template = Array.prototype.find.call(list.children, function (child) {
      return child.matches("template[data-row-empty]");
    });
    var count = total(list);
    var index = Number(count.value);
    if (!template || index >= Number(list.dataset.most)) return false;
    var prefix = list.dataset.rows;
    var holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll(prefix + "-__prefix__", prefix + "-" + index);
    list.querySelector("[data-rows-here]").append(holder.content);
    count.value = String(index + 1);
    renumber(list);
    if (index + 1 >= Number(list.dataset.most)) sayFull(list);
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

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-filter]").forEach(addFilter);
  });
})();
