// A page of forms saves itself: after a pause in typing, and on leaving a field. One request after
// the other; an answer that was lost is asked for again with the very same data, so nothing is
// stored twice. What has not reached the portal lies in this browser too, under the person and the
// address. Whoever changes fields by script sends the event "input" from them, with bubbles.
// Answers: applications/views/autosaving.py. Without this file the Save button does the work.
(function () {
  "use strict";

  var form = document.querySelector("form[data-autosave]");
  if (!form) return;
  var display = document.querySelector("[data-save-state]");
  var spoken = document.querySelector("[data-save-spoken]");
  var panel = document.querySelector("[data-autosave-panel]");
  var text = display.dataset;
  var PAUSE = 1500, FIRST_WAIT = 2000, LONGEST_WAIT = 60000, PATIENCE = 60000;
  var KEEP_DAYS = 7;

  // --- what is typed ----------------------------------------------------------------------------
  function fields() {
    return Array.from(new FormData(form)).filter(function (pair) {
      return typeof pair[1] === "string" && pair[0] !== "csrfmiddlewaretoken";
    }).map(function (pair) {
      // As the browser itself would send it.
      return [pair[0], pair[1].replace(/\r\n|\r|\n/g, "\r\n")];
    });
  }

  // What of a page is a person's: not the marks by which the portal knows it again.
  function words(pairs) {
    return JSON.stringify(pairs.filter(function (pair) {
      return ["typist", "version", "seen"].indexOf(pair[0]) < 0 && !/-id$/.test(pair[0]);
    }));
  }

  // --- the copy in this browser -----------------------------------------------------------------
  // { now: what is typed and not saved, before: [what earlier visits left and nobody decided on] }
  var KEY = "bpf-unsent:" + form.dataset.person + ":" + location.pathname;
  var me = String(Math.random());
  var copied = false;

  function stored() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch (error) {
      return {}; // a browser that keeps nothing, or no text of ours
    }
  }

  function store(copy) {
    try {
      if (copy.now || copy.before.length) localStorage.setItem(KEY, JSON.stringify(copy));
      else localStorage.removeItem(KEY);
      return true;
    } catch (error) {
      return false; // full, or switched off: the page says to be left open
    }
  }

  function keep() {
    copied = store({ now: { by: me, at: Date.now(), fields: fields() }, before: before });
  }

  function forget() {
    var now = stored().now;
    // Another window's text stays: it clears its own.
    store({ now: now && now.by !== me ? now : null, before: before });
  }

  var before = [];
  function lookForEarlierText() {
    var copy = stored();
    var oldest = Date.now() - KEEP_DAYS * 86400000;
    before = [copy.now].concat(copy.before || []).filter(function (earlier) {
      return earlier && earlier.at > oldest && words(earlier.fields) !== words(fields());
    });
    before.forEach(offer);
    store({ now: null, before: before });
  }

  function offer(earlier) {
    var box = document.createElement("div");
    box.className = "notice notice-attention";
    box.setAttribute("role", "status");
    var when = new Date(earlier.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    var words = document.createElement("p");
    words.textContent = text.offer + " " + when + ".";
    var buttons = document.createElement("p");
    buttons.className = "button-row";
    buttons.append(
      button(text.offerShow, function () { show(earlier); }),
      button(text.offerDrop, function () { refuse(earlier, box); })
    );
    box.append(words, buttons);
    panel.before(box);
  }

  function refuse(earlier, box) {
    before = before.filter(function (each) { return each !== earlier; });
    if (unsaved()) keep();
    else forget();
    box.remove();
    form.querySelector("input:not([type=hidden]), select, textarea").focus();
  }

  // The portal itself writes the earlier text into the form again: it knows how many rows it needs.
  function show(earlier) {
    var sender = document.createElement("form");
    sender.method = "post";
    sender.action = form.action;
    sender.hidden = true;
    earlier.fields.filter(function (pair) { return pair[0] !== "typist"; })
      .concat([["restore", "yes"], ["typist", form.elements.typist.value], ["csrfmiddlewaretoken", token()]])
      .forEach(function (pair) {
        var field = document.createElement("textarea");
        field.name = pair[0];
        field.value = pair[1];
        sender.append(field);
      });
    document.body.append(sender);
    leaving = true;
    sender.submit();
  }

  function button(words, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-secondary";
    made.textContent = words;
    made.addEventListener("click", act);
    return made;
  }

  // --- saying how things stand ------------------------------------------------------------------
  var lastKind = "";
  function say(kind, words, link) {
    display.dataset.kind = kind;
    display.replaceChildren(words);
    if (link) {
      var anchor = document.createElement("a");
      anchor.href = link.url;
      anchor.textContent = link.words;
      display.append(" ", anchor);
    }
    // For the ear only what is new: the first save and each turn for worse or better.
    if (kind !== "waiting" && kind !== lastKind) {
      spoken.textContent = words;
      lastKind = kind;
    }
  }

  // --- one request after the other --------------------------------------------------------------
  var dirty = form.hasAttribute("data-unsaved"); // typed since the last request left
  var touched = false;    // what came back unsaved is looked at first, then saved
  var unanswered = null;  // a request whose answer is not known: { body, ids }
  var flying = false;
  var stopped = form.dataset.unsaved || ""; // "changed", "closed", "refused": a person decides first
  var wrong = false;      // some fields are not saved as they are
  var wanted = null;      // the Save button that was pressed: it goes on once all is saved
  var byHand = false;     // this change waits for the Save button
  var safe = false;       // signed out, and the portal keeps the text
  var leaving = false;
  var wait = FIRST_WAIT;
  var timer = 0;

  function unsaved() {
    return dirty || unanswered !== null || wrong;
  }

  function soon(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(send, milliseconds);
  }

  function token() {
    var found = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie);
    return found ? found[1] : form.elements.csrfmiddlewaretoken.value;
  }

  function send() {
    clearTimeout(timer);
    if (flying || stopped) return;
    if (!unanswered) {
      if (!dirty) return;
      var ids = new Map();
      form.querySelectorAll('input[type="hidden"][name$="-id"]').forEach(function (field) {
        ids.set(field.name.slice(0, -3), field);
      });
      unanswered = { body: new URLSearchParams(fields()).toString(), ids: ids, pressed: Boolean(wanted) };
      dirty = false;
    }
    flying = true;
    fetch(form.action, {
      method: "POST",
      body: unanswered.body,
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Autosave": unanswered.pressed ? "save" : "pause",
        "X-CSRFToken": token()
      },
      credentials: "same-origin",
      redirect: "error",
      keepalive: unanswered.body.length < 60000,
      signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined
    }).then(function (response) {
      var json = /json/.test(response.headers.get("Content-Type") || "");
      return json ? response.json() : { state: plain(response.status) };
    }).catch(function () {
      return { state: "lost" };
    }).then(function (answer) {
      flying = false;
      (on[answer.state] || on.lost)(answer);
    });
  }

  // An answer that is no answer to an autosave: an error page, a proxy in between.
  function plain(status) {
    if (status === 413) return "too_long";
    return status === 403 || status === 404 ? "refused" : "lost";
  }

  var on = {
    saved: function (answer) {
      renew(answer);
      unanswered.ids.forEach(function (field, row) {
        if (row in answer.rows) field.value = answer.rows[row];
      });
      unanswered = null;
      settle(answer);
      // What was typed while this request was on its way is not saved by it.
      if (dirty && !wrong) say("waiting", text.waiting);
      else say(wrong ? "wrong" : "saved", answer.message);
      if (unsaved()) return;
      forget();
      document.querySelectorAll("[data-until-saved]").forEach(function (old) { old.remove(); });
    },
    invalid: function (answer) {
      unanswered = null;
      settle(answer);
      wrong = true;
      say("wrong", answer.message);
    },
    by_hand: function (answer) {
      unanswered = null;
      wait = FIRST_WAIT;
      wrong = byHand = true;
      if (wanted) { dirty = true; send(); } // pressed while only a pause was on its way
      else say("by_hand", answer.message);
    },
    changed_elsewhere: function (answer) {
      unanswered = null;
      dirty = true;
      wanted = null;
      stopped = "changed";
      renew(answer);
      panel.innerHTML = answer.html;
      say("stopped", answer.message, { url: "#conflict-title", words: answer.link });
    },
    closed: function (answer) {
      unanswered = null;
      dirty = true;
      wanted = null;
      stopped = "closed";
      panel.innerHTML = answer.html;
      say("stopped", answer.message, { url: answer.url, words: answer.link });
    },
    signed_out: function (answer) {
      unanswered = null;
      dirty = true;
      wanted = null;
      safe = answer.kept;
      say("signed_out", answer.message, { url: answer.url, words: answer.link });
    },
    refused: function () {
      unanswered = null;
      dirty = true;
      wanted = null;
      stopped = "refused";
      say("stopped", text.refused);
    },
    too_long: function () {
      unanswered = null;
      wrong = true;
      wanted = null;
      say("wrong", text.tooLong);
    },
    lost: function () {
      say("trying", copied ? text.trying : text.tryingHere);
      soon(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  };

  function renew(answer) {
    form.elements.version.value = answer.version;
    form.elements.seen.value = answer.seen;
  }

  // After an answer: messages beside their fields, and on with what was typed or pressed meanwhile.
  function settle(answer) {
    wait = FIRST_WAIT;
    byHand = false;
    wrong = mark(answer.errors);
    if (answer.late) showLate();
    if (dirty) soon(wanted ? 0 : PAUSE);
    else if (wanted) goOn();
  }

  function goOn() {
    var pressed = wanted;
    wanted = null;
    leaving = true;
    form.elements.csrfmiddlewaretoken.value = token();
    if (pressed.isConnected && pressed.form === form) form.requestSubmit(pressed);
    else form.requestSubmit();
  }

  // --- messages beside their fields -------------------------------------------------------------
  function mark(errors) {
    form.querySelectorAll("[aria-invalid=true]").forEach(function (field) {
      field.removeAttribute("aria-invalid");
      field.classList.remove("is-invalid");
    });
    form.querySelectorAll(".invalid-feedback").forEach(function (old) {
      if (!(old.id.replace(/_error$/, "") in errors)) old.remove();
    });
    Object.keys(errors).forEach(function (id) { complain(id, errors[id]); });
    return Object.keys(errors).length > 0;
  }

  function complain(id, words) {
    var field = document.getElementById(id);
    var place = document.getElementById("div_" + id) || (field && (field.matches("fieldset") ? field : field.parentElement));
    if (!place) return;
    var message = document.getElementById(id + "_error");
    if (!message) {
      message = document.createElement("div");
      message.id = id + "_error";
      message.className = "invalid-feedback d-block";
      place.append(message);
    }
    if (message.textContent.trim() !== words) message.textContent = words;
    if (!field) field = place.querySelector("fieldset");
    if (!field) return;
    field.setAttribute("aria-invalid", "true");
    field.classList.add("is-invalid");
    var described = (field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean);
    if (described.indexOf(message.id) < 0) described.push(message.id);
    field.setAttribute("aria-describedby", described.join(" "));
  }

  // --- when ---------------------------------------------------------------------------------------
  function changed(event) {
    if (!event.target.name) return; // a filter above a list is no answer
    dirty = touched = true;
    safe = false;
    keep();
    if (stopped) return;
    say("waiting", text.waiting);
    if (!unanswered || flying) soon(PAUSE);
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", function (event) {
    changed(event);
    // A date "changes" with each digit of its year: it is complete when one leaves it, or pauses.
    if (!unanswered && !(event.target.type === "date" && event.target === document.activeElement)) send();
  });
  form.addEventListener("focusout", function () {
    if (dirty && touched && !unanswered) soon(100);
  });
  document.addEventListener("visibilitychange", function () {
    // Put away, or come back from signing in elsewhere.
    if ((dirty && touched) || unanswered) send();
  });
  window.addEventListener("online", function () {
    wait = FIRST_WAIT;
    if (touched || unanswered) send();
  });

  form.addEventListener("submit", function (event) {
    // Another row, a line moved: the portal answers with the same page, and saves nothing.
    if (event.submitter && event.submitter.name && event.submitter.name !== "next") leaving = true;
    form.elements.csrfmiddlewaretoken.value = token();
    if (leaving) return;
    if (stopped === "changed") stopped = ""; // the person has compared and saves
    if (byHand) dirty = true;
    if (stopped || (!dirty && !unanswered && navigator.onLine)) { leaving = true; return; }
    event.preventDefault();
    wanted = event.submitter || form;
    wait = FIRST_WAIT;
    if (!dirty && !unanswered) dirty = true;
    send();
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) leaving = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && !safe && unsaved()) event.preventDefault();
  });

  // --- the deadline ---------------------------------------------------------------------------
  var late = document.querySelector("[data-deadline]");
  function showLate() {
    if (late) late.hidden = false;
  }
  if (late) {
    var left = new Date(late.dataset.deadline) - Date.now();
    if (left < 2000000000) setTimeout(showLate, Math.max(left, 0));
  }

  // --- arriving -------------------------------------------------------------------------------
  var drop = document.querySelector("[data-unsent-drop]");
  if (drop) drop.addEventListener("click", function () { dirty = wrong = false; forget(); });
  lookForEarlierText();
  if (dirty) {
    keep();
    say("waiting", text.waiting);
  }
})();
