// What makes the pages handier where scripts run. Every page works without this file.
(function () {
  "use strict";

  // An error summary takes the focus, so that it is read first; its links focus the field.
  function focusSummary(root) {
    var summary = root.querySelector("[data-focus]");
    if (summary) summary.focus();
  }

  // A menu made of <details> closes with Escape and when one goes elsewhere.
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("DOMContentLoaded", function () { focusSummary(document); });
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details[data-menu]"));
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var menu = document.activeElement && document.activeElement.closest("details[data-menu][open]");
    closeMenus(null);
    if (menu) menu.querySelector("summary").focus();
  });

  // A form that was sent is not sent twice by an impatient second click.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-resend")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    // Whoever stopped the loading may send again.
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  // Coming back with the browser's Back button makes the forms usable again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
    });
  });

  // Signing out takes along what autosave.js left in this browser.
  document.addEventListener("submit", function (event) {
    if (!/\/logout\/$/.test(event.target.action)) return;
    try {
      Object.keys(localStorage).filter(function (key) { return /^bpf-unsent:/.test(key); })
        .forEach(function (key) { localStorage.removeItem(key); });
    } catch (error) {
      return; // a browser that keeps nothing has nothing to forget
    }
  });
})();
