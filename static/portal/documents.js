// Files are dropped or chosen together, find their places and are sent one after the other
// (upload.js). Without this file the page is a plain form.
(function () {
  "use strict";

  var zone = document.querySelector("[data-upload-zone]");
  if (!zone || !window.PortalUpload) return;
  var form = zone.closest("form");
  var text = zone.dataset;
  var queue = [];
  var busy = false;
  var counts = { done: 0, failed: 0 };

  // --- what one sees of it ----------------------------------------------------------------------
  function part(item, name) { return item.row.querySelector("[data-" + name + "]"); }
  function say(item, words) { part(item, "state").textContent = words; }

  function show(item, bytes) {
    part(item, "progress").value = item.file.size ? Math.round(100 * bytes / item.file.size) : 0;
  }

  function size(bytes) {
    // The same words as the server's.
    var units = document.documentElement.lang === "fr" ? ["octets", "Kio", "Mio"] : ["bytes", "KB", "MB"];
    var step = bytes < 1024 ? 0 : bytes < 1048576 ? 1 : 2;
    var number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: step ? 1 : 0 });
    return number.format(bytes / Math.pow(1024, step)) + "\u00a0" + units[step];
  }

  function problem(item, words) {
    var place = part(item, "error");
    place.textContent = words;
    place.hidden = !words;
    var which = part(item, "which");
    if (words) which.setAttribute("aria-invalid", "true"); else which.removeAttribute("aria-invalid");
  }

  var number = 0;
  function addRow(list, file, kind) {
    var row = zone.querySelector("[data-upload-item]").content.firstElementChild.cloneNode(true);
    var item = { file: file, kind: kind, row: row, state: "new" };
    number += 1;
    row.querySelectorAll("[data-name]").forEach(function (each) {
      each.textContent = (each.classList.contains("visually-hidden") ? " " : "") + file.name;
    });
    part(item, "size").textContent = size(file.size);
    var which = part(item, "which"), error = part(item, "error"), progress = part(item, "progress");
    which.id = "which-" + number; error.id = "upload-error-" + number;
    which.setAttribute("aria-describedby", error.id);
    part(item, "which-label").htmlFor = which.id;
    progress.setAttribute("aria-label", file.name);
    row.querySelector(".upload-which").hidden = Boolean(kind);
    row.querySelector(".upload-bar").hidden = true;
    which.addEventListener("change", function () { item.kind = which.value; problem(item, ""); });
    part(item, "cancel").addEventListener("click", function () { cancel(item); });
    part(item, "again").addEventListener("click", function () { again(item); });
    list.append(row);
    return item;
  }

  function refusedAtOnce(file) {
    var suffix = "." + file.name.toLowerCase().split(".").pop();
    if (!text.accepted.split(",").includes(suffix)) return text.textType;
    if (!file.size) return text.textEmpty;
    return file.size > Number(text.limit) ? text.textTooLarge : "";
  }

  function add(list, files, kind) {
    Array.from(files).forEach(function (file) {
      var item = addRow(list, file, kind);
      queue.push(item);
      var words = refusedAtOnce(file);
      if (words) { fail(item, words); return; }
      if (!kind) {
        item.kind = begunFor(file) || guess(file.name);
        part(item, "which").value = item.kind;
      }
    });
    if (kind) startSome(queue.filter(function (item) { return item.row.parentNode === list; }));
    else showStart();
    tellResult();
  }

  function waitingInZone() {
    return queue.filter(function (item) { return item.state === "new" && zone.contains(item.row); });
  }

  function showStart() { zone.querySelector("[data-upload-start]").hidden = !waitingInZone().length; }

  // --- which document is it ---------------------------------------------------------------------
  function plainWords(name) {
    var plain = name.replace(/\.[^.]*$/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
    return plain.normalize("NFD").replace(/[\u0300-\u036f]/g, "").match(/[a-z0-9]+/g) || [];
  }

  function alike(one, other) {
    if (one === other) return true;
    var shorter = one.length < other.length ? one : other;
    return shorter.length > 4 && (one.startsWith(other) || other.startsWith(one));
  }

  // Of a file that was begun before the place is known, and there alone it goes on.
  function begunFor(file) {
    var same = Array.from(document.querySelectorAll("[data-begun]")).filter(function (each) {
      return each.dataset.begunName === file.name && Number(each.dataset.begunSize) === file.size;
    });
    return same.length === 1 ? same[0].dataset.begun : "";
  }

  // The place whose words are in the name; a word that many places have counts for less. In doubt
  // none: the person says.
  function guess(name) {
    var places = Array.from(zone.querySelector("[data-upload-item]").content.querySelectorAll("option[data-words]"));
    var names = plainWords(name), common = {};
    places.forEach(function (place) {
      place.dataset.words.split(" ").forEach(function (word) { common[word] = (common[word] || 0) + 1; });
    });
    var scored = places.map(function (place) {
      var words = place.dataset.words.split(" ").filter(function (word) {
        return names.some(function (each) { return alike(each, word); });
      });
      return { kind: place.value, score: words.reduce(function (sum, word) { return sum + 1 / common[word]; }, 0) };
    }).sort(function (a, b) { return b.score - a.score; });
    if (!scored.length || !scored[0].score) return "";
    return scored.length > 1 && scored[1].score === scored[0].score ? "" : scored[0].kind;
  }

  // --- the queue --------------------------------------------------------------------------------
  function startSome(items) {
    var kinds = {};
    var ready = items.filter(function (item) {
      if (item.state !== "new") return false;
      if (!item.kind) { problem(item, text.textWhich); return false; }
      if (kinds[item.kind]) { problem(item, text.textTwice); return false; }
      kinds[item.kind] = true;
      return true;
    });
    ready.forEach(function (item) {
      item.state = "waiting";
      problem(item, "");
      part(item, "which").disabled = true;
      item.row.querySelector(".upload-bar").hidden = false;
      say(item, text.textWaiting);
    });
    showStart();
    var open = items.find(function (item) { return item.state === "new"; });
    if (open) part(open, "which").focus();
    next();
  }

  function next() {
    if (busy) return;
    var item = queue.find(function (each) { return each.state === "waiting"; });
    if (!item) { tellResult(); return; }
    busy = true;
    item.state = "sending";
    say(item, text.textSending);
    item.sending = window.PortalUpload.send({
      file: item.file, kind: item.kind, begin: text.begin, texts: text,
      say: function (words) { say(item, words); },
      show: function (bytes) { show(item, bytes); }
    });
    item.sending.done.then(function () { return succeed(item); }, function (error) {
      if (item.state !== "cancelled") fail(item, error.message);
    }).then(function () { busy = false; next(); });
  }

  function succeed(item) {
    item.state = "done";
    counts.done += 1;
    remove(item);
    return refresh();
  }

  function fail(item, words) {
    item.state = "failed";
    counts.failed += 1;
    problem(item, words);
    item.row.querySelector(".upload-bar").hidden = true;
    part(item, "again").hidden = !item.kind || Boolean(refusedAtOnce(item.file));
    tellResult();
  }

  function again(item) {
    counts.failed -= 1;
    item.state = "new";
    part(item, "again").hidden = true;
    startSome([item]);
  }

  function cancel(item) {
    if (item.state === "failed") counts.failed -= 1;
    item.state = "cancelled";
    if (item.sending) item.sending.cancel().then(refresh);
    remove(item);
    var beside = zone.querySelector("[data-upload-input]");
    beside.focus();
    showStart();
    tellResult();
  }

  function remove(item) {
    item.row.remove();
    queue = queue.filter(function (each) { return each !== item; });
  }

  function tellResult() {
    var atWork = queue.some(function (item) { return item.state === "waiting" || item.state === "sending"; });
    if (atWork) return;
    var told = counts.done || counts.failed;
    zone.querySelector("[data-upload-result]").textContent = told
      ? text.textResult.replace("{done}", counts.done).replace("{failed}", counts.failed) : "";
  }

  // --- what the server has now ------------------------------------------------------------------
  // The parts of the page that tell it are fetched anew; an opened list stays open.
  function refresh() {
    return fetch(window.location.pathname, { headers: { Accept: "text/html" } }).then(function (response) {
      if (!response.ok || response.redirected) return "";
      return response.text();
    }).then(function (html) {
      if (!html) return;
      var fresh = new DOMParser().parseFromString(html, "text/html");
      document.querySelectorAll("[data-fresh]").forEach(function (old) {
        var now = fresh.querySelector('[data-fresh="' + old.dataset.fresh + '"]');
        if (!now || now.innerHTML === old.innerHTML || old.contains(document.activeElement)) return;
        var open = old.querySelector("details[open]");
        old.replaceChildren.apply(old, Array.from(now.childNodes));
        if (open && old.querySelector("details")) old.querySelector("details").open = true;
      });
      watchScans();
    }, function () { /* the page tells what it knew; the next reload tells the rest */ });
  }

  var watching = 0, delay = 2;
  function watchScans() {
    window.clearTimeout(watching);
    if (!document.querySelector("[data-pending]")) { delay = 2; return; }
    watching = window.setTimeout(refresh, delay * 1000);
    delay = Math.min(delay * 1.5, 60);
  }

  // --- dropping and choosing --------------------------------------------------------------------
  function targetOf(event) {
    return event.target.closest("[data-place]") || zone;
  }

  function listOf(target) { return target.querySelector("[data-upload-list]"); }

  function carriesFiles(event) {
    return event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  }

  function mark(target) {
    document.querySelectorAll(".upload-over").forEach(function (each) {
      if (each !== target) each.classList.remove("upload-over");
    });
    if (target) target.classList.add("upload-over");
  }

  document.addEventListener("dragover", function (event) {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    mark(targetOf(event));
  });
  document.addEventListener("dragleave", function (event) {
    if (!event.relatedTarget) mark(null);
  });
  document.addEventListener("drop", function (event) {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    mark(null);
    var target = targetOf(event), files = event.dataTransfer.files;
    // Several files for one place: only the person knows which of them it is.
    if (target !== zone && files.length === 1) add(listOf(target), files, target.dataset.place);
    else add(listOf(zone), files, "");
  });
  form.addEventListener("change", function (event) {
    if (event.target.type !== "file" || !event.target.files.length) return;
    var target = event.target.closest("[data-place]");
    var files = Array.from(event.target.files);
    event.target.value = "";
    add(listOf(target || zone), files, target ? target.dataset.place : "");
  });
  zone.querySelector("[data-upload-start] button").addEventListener("click", function () {
    counts = { done: 0, failed: queue.filter(function (item) { return item.state === "failed"; }).length };
    startSome(waitingInZone());
  });
  window.addEventListener("beforeunload", function (event) {
    if (queue.some(function (item) { return item.state === "waiting" || item.state === "sending"; })) event.preventDefault();
  });

  zone.hidden = false;
  document.querySelectorAll("[data-without-script]").forEach(function (each) { each.hidden = true; });
  document.querySelectorAll("[data-with-script]").forEach(function (each) { each.hidden = false; });
  watchScans();
})();
