// A block copied from a spreadsheet and pasted into the table becomes lines. The server reads it
// (applications/forms/budget_table.py), so that a pasted block, a file and the page without
// JavaScript give the same. Nothing that stands in a line is overwritten.
(function () {
  "use strict";

  var page = window.portalBudget;
  if (!page || !page.list.dataset.paste) return;
  var list = page.list;
  var words = list.dataset;
  var body = list.querySelector("[data-rows-here]");
  var report = list.querySelector("[data-paste-report]");
  var MOST = 200;
  var NAMES = ["category", "description", "quantity", "unit_cost"];

  function isBlock(text) {
    return text.includes("\t") || /\n[^\n]/.test(text.replace(/\r\n?/g, "\n"));
  }

  function columnOf(field) {
    return NAMES.find(function (name) { return field.name && field.name.endsWith("-" + name); });
  }

  document.addEventListener("paste", function (event) {
    var row = event.target.closest && event.target.closest("tr.budget-line");
    var column = row && columnOf(event.target);
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!column || !list.contains(row) || !isBlock(text)) return;
    event.preventDefault();
    read(text, column, row);
  });

  function read(text, column, row) {
    var data = new FormData();
    data.append("text", text);
    data.append("start", column);
    data.append("csrfmiddlewaretoken", list.closest("form").querySelector("[name=csrfmiddlewaretoken]").value);
    tell(words.pasteReading);
    window
      .fetch(words.paste, { method: "POST", body: data, redirect: "manual" })
      .then(function (answer) {
        // A redirect leads to the sign-in page: the session has ended.
        if (answer.status !== 200 && answer.status !== 422) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (found) {
        if (found.message) tell(found.message);
        else fill(found, row);
      })
      .catch(function () { tell(words.pasteFailed); });
  }

  // --- lines ------------------------------------------------------------------------------------
  function addRow() {
    list.querySelector("[data-row-add]").click();
    return body.lastElementChild;
  }

  function fill(found, row) {
    var indexes = Number(list.querySelector('[name="lines-TOTAL_FORMS"]').value);
    if (indexes + found.rows.length - (page.isBlank(row) ? 1 : 0) > MOST) {
      tell(words.pasteFull);
      return;
    }
    var here = row;
    var filled = found.rows.map(function (values, index) {
      if (index > 0 || !page.isBlank(row)) {
        var added = addRow();
        here.after(added);
        here = added;
      }
      Object.keys(values).forEach(function (name) { page.cell(here, name).value = values[name]; });
      return here;
    });
    page.show();
    found.problems.forEach(function (problem) { mark(filled[problem.row], problem); });
    page.changed(page.cell(filled[0], "description"));
    summarise(found, filled);
  }

  // --- what was not understood ------------------------------------------------------------------
  function mark(row, problem) {
    var field = row && problem.field ? page.cell(row, problem.field) : null;
    if (!field) return;
    unmark(field);
    var words = document.createElement("p");
    words.className = "invalid-feedback";
    words.id = field.id + "_error";
    words.textContent = problem.message;
    field.after(words);
    field.classList.add("is-invalid");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", words.id);
    field.addEventListener("change", function () { unmark(field); }, { once: true });
  }

  function unmark(field) {
    var words = document.getElementById(field.id + "_error");
    if (words) words.remove();
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }

  function tell(text) {
    report.hidden = false;
    report.replaceChildren(paragraph(text));
  }

  function paragraph(text) {
    var place = document.createElement("p");
    place.textContent = text;
    return place;
  }

  function numberOf(row) {
    return Array.from(body.children).indexOf(row) + 1;
  }

  function summarise(found, filled) {
    var values = { count: found.rows.length, number: numberOf(filled[0]) };
    var parts = [paragraph(page.filled(words.pasteDone, values))];
    if (found.problems.length || found.notes.length) {
      parts.push(paragraph(words.pasteLook));
      parts.push(itemised(found, filled));
    }
    parts.push(undoButton(filled));
    report.hidden = false;
    report.replaceChildren.apply(report, parts);
    report.focus();
  }

  function itemised(found, filled) {
    var items = document.createElement("ul");
    found.problems.forEach(function (problem) {
      var row = filled[problem.row];
      var item = document.createElement("li");
      var where = row ? page.filled(words.pasteLine, { number: numberOf(row) }) + " " : "";
      var field = row && problem.field ? page.cell(row, problem.field) : null;
      var place = field ? document.createElement("a") : document.createElement("span");
      if (field) place.href = "#" + field.id;
      place.textContent = where + problem.message;
      item.append(place);
      items.append(item);
    });
    found.notes.forEach(function (note) {
      var item = document.createElement("li");
      item.textContent = note;
      items.append(item);
    });
    return items;
  }

  function undoButton(filled) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary";
    button.textContent = words.pasteUndo;
    button.addEventListener("click", function () {
      filled.forEach(function (row) {
        NAMES.concat(["work_package", "bearer"]).forEach(function (name) {
          var field = page.cell(row, name);
          if (!field) return;
          unmark(field);
          field.value = "";
        });
      });
      report.hidden = true;
      page.show();
      var first = page.cell(filled[0], "description");
      page.changed(first);
      first.focus();
    });
    return button;
  }
})();
