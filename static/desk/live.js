// The pages of a committee's meeting follow it: every few seconds they ask whether something has
// moved, and only then fetch themselves and exchange what is marked `data-live`. A part in which
// somebody has typed stays as it is. Without this file one reloads the page.
(function () {
  "use strict";

  var EVERY = 2500, PATIENCE = 4;
  var live = document.getElementById("live");
  if (!live) return;
  var standing = live.dataset.standing, failures = 0, asking = false;

  function say(words) {
    if (live.textContent !== words) live.textContent = words;
  }

  // What was refused stands in the fields as it was sent: it is somebody's text too.
  function isBusy(part) {
    if (part.querySelector("[aria-invalid=true]")) return true;
    return Array.from(part.querySelectorAll("input, textarea, select")).some(function (field) {
      if (field.type === "hidden") return false;
      if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
      if (field.tagName === "SELECT") {
        return Array.from(field.options).some(function (each) { return each.selected !== each.defaultSelected; });
      }
      return field.value !== field.defaultValue;
    });
  }

  // Focus stays where it was when its element comes back under the same name.
  function mark(element) {
    if (!element || element === document.body) return "";
    if (element.id) return "#" + CSS.escape(element.id);
    var address = element.getAttribute("href");
    return address ? "a[href='" + CSS.escape(address) + "']" : "";
  }

  function exchange(page) {
    var typing = false;
    document.querySelectorAll("[data-live]").forEach(function (part) {
      var fresh = page.getElementById(part.id);
      if (!fresh) return;
      if (isBusy(part)) { typing = true; return; }
      var focus = part.contains(document.activeElement) ? mark(document.activeElement) : "";
      var unfolded = Array.from(part.querySelectorAll("details")).map(function (each) { return each.open; });
      Array.from(fresh.querySelectorAll("details")).forEach(function (each, at) {
        if (unfolded[at]) each.open = true;
      });
      part.replaceWith(document.adoptNode(fresh));
      var back = focus && document.querySelector(focus);
      if (back) back.focus({ preventScroll: true });
    });
    var now = page.getElementById("live");
    standing = now ? now.dataset.standing : "";
    say(typing ? live.dataset.typing : now ? now.dataset.moved : "");
    if (!now) window.clearInterval(timer); // the meeting is over
  }

  function read(answer) {
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer;
  }

  function refresh() {
    return fetch(live.dataset.page, { credentials: "same-origin" }).then(read).then(function (answer) {
      return answer.text();
    }).then(function (text) {
      exchange(new DOMParser().parseFromString(text, "text/html"));
    });
  }

  function look() {
    if (document.hidden || asking) return;
    asking = true;
    fetch(live.dataset.address, { credentials: "same-origin" }).then(read).then(function (answer) {
      return answer.json();
    }).then(function (answer) {
      if (answer.standing !== standing) return refresh();
    }).then(function () {
      failures = 0;
    }).catch(function () {
      failures += 1;
      if (failures === PATIENCE) { window.clearInterval(timer); say(live.dataset.lost); }
    }).finally(function () { asking = false; });
  }

  var timer = window.setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
})();
