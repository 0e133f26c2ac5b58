// One file to the server, piece by piece, over a line that may break: it goes on where it stopped.
// The server's side is applications/views/uploads.py; documents.js is the page around it.
//
// PortalUpload.send({file, kind, begin, texts, say, show}) gives {done, cancel}: `say` is told what
// is going on, in words, and `show` how many bytes are there; `done` is fulfilled when the document
// is taken, and rejected with {message}, or without a message when it was cancelled.
(function () {
  "use strict";

  var SMALLEST = 128 * 1024, LARGEST = 2 * 1024 * 1024, QUICK_SECONDS = 2, SLOW_SECONDS = 8;
  var WAITS = [1, 2, 4, 8, 15, 30];

  // --- asking the server ------------------------------------------------------------------------
  function cookie(name) {
    var found = document.cookie.split("; ").find(function (each) { return each.startsWith(name + "="); });
    return found ? decodeURIComponent(found.split("=")[1]) : "";
  }

  // Resolves with the request whatever its status; rejects when no answer came.
  function ask(item, method, address, headers, body, tellProgress) {
    return new Promise(function (resolve, reject) {
      var request = new XMLHttpRequest();
      item.request = request;
      request.open(method, address);
      request.timeout = 120000;
      request.setRequestHeader("X-CSRFToken", cookie("csrftoken"));
      request.setRequestHeader("Tus-Resumable", "1.0.0");
      Object.keys(headers).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
      if (tellProgress) request.upload.onprogress = function (event) { tellProgress(event.loaded); };
      request.onload = function () { resolve(request); };
      request.onerror = request.ontimeout = function () { reject(new Error("no answer")); };
      request.onabort = function () { reject(cancelled()); };
      request.send(body || null);
    });
  }

  function encoded(word) {
    var bytes = new TextEncoder().encode(word);
    return btoa(Array.from(bytes, function (byte) { return String.fromCharCode(byte); }).join(""));
  }

  function Refused(message) { this.message = message; }
  function cancelled() { return new Refused(""); }

  // An answer that is not one of the upload's own is the sign-in page, or a fault.
  function understood(item, request) {
    var texts = item.texts;
    if (request.status >= 502 && request.status <= 504) throw new Error("away for a moment");
    if (!request.getResponseHeader("Tus-Resumable")) {
      var signedOut = request.responseURL.includes("/accounts/") || request.status === 403;
      throw new Refused(signedOut ? texts.textSignedOut : texts.textFailed);
    }
    if (request.status >= 400 && !(request.status === 409 && request.getResponseHeader("Upload-Offset"))) {
      var message = "";
      try { message = JSON.parse(request.responseText).message; } catch (_error) { message = ""; }
      throw new Refused(message || texts.textFailed);
    }
    return request;
  }

  function offsetOf(request) { return Number(request.getResponseHeader("Upload-Offset")); }

  // --- one file ---------------------------------------------------------------------------------
  function begin(item) {
    var told = { filename: item.file.name, kind: item.kind, modified: String(item.file.lastModified) };
    var metadata = Object.keys(told).map(function (key) { return key + " " + encoded(told[key]); });
    var headers = { "Upload-Length": String(item.file.size), "Upload-Metadata": metadata.join(",") };
    return ask(item, "POST", item.begin, headers).then(understood.bind(null, item)).then(function (request) {
      item.address = request.getResponseHeader("Location");
      item.offset = offsetOf(request);
    });
  }

  function sendPiece(item) {
    var piece = item.file.slice(item.offset, item.offset + item.pieceSize);
    var headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(item.offset) };
    var started = performance.now();
    return ask(item, "PATCH", item.address, headers, piece, function (loaded) {
      item.show(item.offset + loaded);
    }).then(understood.bind(null, item)).then(function (request) {
      item.offset = offsetOf(request);
      item.tries = 0;
      var seconds = (performance.now() - started) / 1000;
      if (seconds < QUICK_SECONDS) item.pieceSize = Math.min(item.pieceSize * 2, LARGEST);
      if (seconds > SLOW_SECONDS) item.pieceSize = Math.max(item.pieceSize / 2, SMALLEST);
      item.show(item.offset);
    });
  }

  function askOffset(item) {
    return ask(item, "HEAD", item.address, {}).then(function (request) {
      if (request.status === 404) { item.address = ""; return begin(item); }
      item.offset = offsetOf(understood(item, request));
    });
  }

  function finish(item) {
    item.say(item.texts.textChecking);
    return ask(item, "POST", item.address, {}).then(understood.bind(null, item)).then(function (request) {
      // Bytes are missing that we believed to have sent: go on from where the server is.
      if (request.status === 409) { item.offset = offsetOf(request); return work(item); }
    });
  }

  function work(item) {
    if (item.cancelled) return Promise.reject(cancelled());
    if (!item.address) return begin(item).then(function () { return work(item); });
    if (item.offset < item.file.size) return sendPiece(item).then(function () { return work(item); });
    return finish(item);
  }

  // Works until it is done, refused or cancelled; a broken line only makes it wait.
  function persevere(item) {
    return work(item).catch(function (error) {
      if (item.cancelled) throw cancelled();
      if (error instanceof Refused) throw error;
      item.say(item.texts.textOffline);
      var wait = WAITS[Math.min(item.tries, WAITS.length - 1)];
      item.tries += 1;
      return untilBack(item, wait).then(function () {
        return item.address ? askOffset(item).catch(stay) : undefined;
      }).then(function () {
        item.say(item.texts.textSending);
        return persevere(item);
      });
    });
  }

  function stay(error) { if (error instanceof Refused) throw error; }

  function untilBack(item, seconds) {
    return new Promise(function (resolve) {
      function go() { window.clearTimeout(timer); window.removeEventListener("online", go); resolve(); }
      var timer = window.setTimeout(go, seconds * 1000);
      window.addEventListener("online", go);
      item.wake = go;
    });
  }

  // --- for the page -----------------------------------------------------------------------------
  function cancel(item) {
    item.cancelled = true;
    item.request.abort();
    if (item.wake) item.wake();
    if (!item.address) return Promise.resolve();
    return ask({}, "DELETE", item.address, {}).catch(function () { /* swept after two days */ });
  }

  window.PortalUpload = {
    send: function (wanted) {
      var item = Object.assign({ offset: 0, address: "", tries: 0, pieceSize: SMALLEST * 2 }, wanted);
      return { done: persevere(item), cancel: function () { return cancel(item); } };
    }
  };
})();
