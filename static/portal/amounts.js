// Amounts in the browser exactly as the server reads and shows them (applications/forms/amounts.py,
// bpf_portal/core/money.py): whole hundredths by BigInt, never a float, never a guess.
(function () {
  "use strict";

  var SPACES = " \u00a0\u202f\u2009'\u2019";
  var LONGEST = 30;

  function Unreadable(code) { this.code = code; }

  function english(language) {
    return (language || document.documentElement.lang).slice(0, 2) === "en";
  }

  // The digits, after checking that separators stand between groups of three.
  function ungrouped(whole, mark) {
    var separators = Array.from(whole).filter(function (c) { return SPACES.includes(c) || c === mark; });
    if (!separators.length) return whole;
    if (new Set(separators).size > 1) throw new Unreadable("invalid");
    var groups = whole.split(separators[0]);
    var first = groups.shift();
    var wrong = groups.some(function (group) { return group.length !== 3; });
    if (first.length < 1 || first.length > 3 || wrong) throw new Unreadable("invalid");
    return first + groups.join("");
  }

  function splitAtTheOnlyMark(figure, mark, language) {
    var at = figure.indexOf(mark);
    var whole = figure.slice(0, at);
    var after = figure.slice(at + 1);
    var spaced = Array.from(whole).some(function (c) { return SPACES.includes(c); });
    if (after.length !== 3 || spaced || !/^[1-9][0-9]{0,2}$/.test(whole)) {
      return [ungrouped(whole, ""), after];
    }
    if (mark === "," && english(language)) return [whole + after, ""];
    throw new Unreadable("ambiguous");
  }

  // The whole part without separators, and the decimals.
  function split(figure, language) {
    var marks = Array.from(figure).filter(function (c) { return c === "," || c === "."; });
    if (!marks.length) return [ungrouped(figure, ""), ""];
    var last = marks[marks.length - 1];
    if (new Set(marks).size === 2) {
      var at = figure.lastIndexOf(last);
      var whole = figure.slice(0, at);
      if (whole.includes(last)) throw new Unreadable("invalid");
      return [ungrouped(whole, marks[0]), figure.slice(at + 1)];
    }
    if (marks.length > 1) return [ungrouped(figure, last), ""];
    return splitAtTheOnlyMark(figure, last, language);
  }

  function readFigure(text, language) {
    var figure = text.trim().replace(/^(?:€|EUR)\s*|\s*(?:€|EUR)$/gi, "").trim();
    if (/^[-−–]/.test(figure)) throw new Unreadable("negative");
    var parts = split(figure, language);
    if (!/^[0-9]+$/.test(parts[0]) || !/^[0-9]*$/.test(parts[1])) throw new Unreadable("invalid");
    if (parts[1].length > 2) throw new Unreadable("too_precise");
    return BigInt(parts[0] + (parts[1] + "00").slice(0, 2));
  }

  // {hundredths} or {problem}: "invalid", "ambiguous", "too_precise", "negative", "too_large".
  // An empty text is {hundredths: null}: not given. `digits` as the server's field has them.
  function read(text, digits, language) {
    if (text.trim() === "") return { hundredths: null };
    if (Array.from(text.trim()).length > LONGEST) return { problem: "invalid" };
    try {
      var hundredths = readFigure(text, language);
      if (hundredths >= 10n ** BigInt(digits || 12)) return { problem: "too_large" };
      return { hundredths: hundredths };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { problem: error.code };
    }
  }

  // `150 000,00` or `150,000.00`.
  function figures(cents, language) {
    var whole = String(cents / 100n).replace(/\B(?=(\d{3})+$)/g, english(language) ? "," : "\u00a0");
    return whole + (english(language) ? "." : ",") + String(cents % 100n).padStart(2, "0");
  }

  // `150 000,00 EUR` or `EUR 150,000.00`, with no-break spaces.
  function euros(cents, language) {
    var figure = figures(cents, language);
    return english(language) ? "EUR\u00a0" + figure : figure + "\u00a0EUR";
  }

  // `33.33 %` from ten-thousandths; no digit is lost, none is added.
  function percent(tenThousandths, language) {
    var decimals = String(tenThousandths % 100n).padStart(2, "0").replace(/0+$/, "");
    var mark = english(language) ? "." : ",";
    return String(tenThousandths / 100n) + (decimals ? mark + decimals : "") + "\u00a0%";
  }

  // Quantity times unit cost, both in hundredths, rounded half up to the cent.
  function lineAmount(quantity, unitCost) {
    return (quantity * unitCost + 50n) / 100n;
  }

  window.portalAmounts = { read: read, figures: figures, euros: euros, percent: percent, lineAmount: lineAmount };
})();
