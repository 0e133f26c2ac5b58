// The sums of a budget and what they say, as applications/views/budget_figures.py has them. Pure:
// texts as typed go in, hundredths (BigInt) and the codes of the remarks that apply come out.
(function () {
  "use strict";

  var amounts = window.portalAmounts;
  // Digits of the columns: 99,999,999.99 pieces, 9,999,999,999.99 euros.
  var QUANTITY = 10;
  var MONEY = 12;
  var LARGEST = 999999999999n;

  // A fraction of 1 as "0.5000": {share, of} with whole numbers.
  function fraction(text) {
    var parts = text.split(".");
    var decimals = parts[1] || "";
    return { share: BigInt(parts[0] + decimals), of: 10n ** BigInt(decimals.length) };
  }

  // A line's amount: hundredths, or null where a cell cannot be read. No quantity is one piece.
  function amountOf(line, language) {
    var quantity = amounts.read(line.quantity, QUANTITY, language);
    var cost = amounts.read(line.cost, MONEY, language);
    if (quantity.problem || cost.problem) return null;
    var times = quantity.hundredths === null ? 100n : quantity.hundredths;
    var amount = amounts.lineAmount(times, cost.hundredths === null ? 0n : cost.hundredths);
    return amount > LARGEST ? null : amount;
  }

  // The sum, or null as soon as one part is not known.
  function sum(parts) {
    return parts.reduce(function (all, part) {
      return all === null || part === null ? null : all + part;
    }, 0n);
  }

  function written(text, language) {
    var figure = amounts.read(text, MONEY, language);
    return figure.problem ? null : figure.hundredths === null ? 0n : figure.hundredths;
  }

  // The sums of the lines by one part of them; a line without it counts under "".
  function sumsBy(lines, amountsOfLines, part) {
    var sums = {};
    lines.forEach(function (line, index) {
      var name = line[part] || "";
      sums[name] = sum([sums[name] === undefined ? 0n : sums[name], amountsOfLines[index]]);
    });
    return sums;
  }

  // budget: {lines: [{category, quantity, cost, work_package, bearer}], requested, own, partners, others: [text]}
  // limits: {maxRate: "0.50" or "", ceiling: "20000000" (cents) or "", audit: code or ""}
  function figures(budget, limits, language) {
    var lines = budget.lines.map(function (line) { return amountOf(line, language); });
    var requested = written(budget.requested, language);
    var others = budget.others.map(function (text) { return written(text, language); });
    var found = {
      lines: lines,
      by: {
        category: sumsBy(budget.lines, lines, "category"),
        work_package: sumsBy(budget.lines, lines, "work_package"),
        bearer: sumsBy(budget.lines, lines, "bearer"),
      },
      total: sum(lines),
      requested: requested,
      others: sum(others),
      financing: sum([requested, written(budget.own, language), written(budget.partners, language)].concat(others)),
      ceiling: limits.ceiling === "" ? null : BigInt(limits.ceiling),
    };
    Object.assign(found, onTheGrant(found, limits));
    found.balance = found.total === null || found.financing === null ? null : found.financing - found.total;
    found.unfinished = budget.lines.map(function (line, index) {
      return line.category === "" || lines[index] === 0n ? index + 1 : 0;
    }).filter(Boolean);
    found.codes = codes(found, limits, budget);
    return found;
  }

  function onTheGrant(found, limits) {
    var known = found.requested !== null && found.total !== null && found.total > 0n;
    var limit = limits.maxRate === "" ? null : fraction(limits.maxRate);
    var most = known && limit ? (found.total * limit.share) / limit.of : null;
    return {
      // Ten-thousandths, rounded half up; the comparison never divides what it compares.
      rate: known ? (found.requested * 20000n + found.total) / (2n * found.total) : null,
      most: most,
      aboveRate: most !== null && found.requested > most,
      aboveCeiling: found.ceiling !== null && found.requested !== null && found.requested > found.ceiling,
    };
  }

  function codes(found, limits, budget) {
    var unreadable = found.total === null || found.financing === null;
    var applying = {
      unreadable: unreadable,
      unfinished_one: found.unfinished.length === 1,
      unfinished_many: found.unfinished.length > 1,
      no_audit: limits.audit !== "" && budget.lines.length > 0 && found.by.category[limits.audit] === undefined,
      above_ceiling: found.aboveCeiling,
      above_rate: found.aboveRate,
      open: found.balance !== null && found.balance < 0n,
      surplus: found.balance !== null && found.balance > 0n,
    };
    var names = Object.keys(applying).filter(function (name) { return applying[name]; });
    return names.length || !budget.lines.length ? names : ["fine"];
  }

  window.portalBudgetFigures = figures;
})();
