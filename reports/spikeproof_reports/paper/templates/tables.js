// Tables that are sorted and filtered, and folded parts that open where a link or a printer asks for them.
// Everything can be read without this script.
(() => {
  "use strict";
  const FEW = 8; // rows up to which a table has no filter

  const button = (text, label, action) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", action);
    return made;
  };

  // what a cell is sorted by: a number, a text, or null where there is no number
  const key = (cell) => {
    const given = cell.dataset.value;
    if (given === undefined) return cell.textContent.trim();
    return given === "" ? null : Number(given);
  };

  const compared = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  };

  const sort = (body, original, place, direction) => {
    const rows = original.map((row, rank) => ({ row, rank, value: key(row.cells[place]) }));
    if (direction !== "none") {
      const sign = direction === "ascending" ? 1 : -1;
      rows.sort((a, b) => {
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.rank - b.rank;
        return sign * compared(a.value, b.value) || a.rank - b.rank;
      });
    }
    body.append(...rows.map((one) => one.row));
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const next = { none: "ascending", ascending: "descending", descending: "none" };
    heads.forEach((head, place) => {
      if (head.classList.contains("again")) return;
      head.setAttribute("aria-sort", "none");
      const text = head.innerHTML;
      const sorter = button("", "", () => {
        const direction = next[head.getAttribute("aria-sort")];
        heads.forEach((other) => other.hasAttribute("aria-sort") && other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", direction);
        sort(body, original, place, direction);
      });
      sorter.innerHTML = text;
      sorter.title = "sort by this column";
      head.replaceChildren(sorter);
    });
  };

  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length <= FEW) return;
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = "filter rows";
    field.setAttribute("aria-label", "show only rows with this text");
    const shown = document.createElement("output");
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      rows.forEach((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        left += row.hidden ? 0 : 1;
      });
      shown.textContent = words.length ? `${left} of ${rows.length} rows` : "";
    });
    const line = document.createElement("p");
    line.className = "filter";
    line.append(field, shown);
    table.closest(".scroll").before(line);
  };

  const copied = (code) => {
    const copy = button("copy", "copy this command", async () => {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = "copied";
    });
    code.after(copy);
  };

  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const folds = target.querySelectorAll(":scope > details.fold");
    folds.forEach((fold) => { fold.open = true; });
    for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    target.scrollIntoView();
  };

  document.addEventListener("DOMContentLoaded", () => {
    const tables = document.querySelectorAll(".scroll > table");
    tables.forEach(sortable);
    tables.forEach(filterable);
    if (navigator.clipboard) document.querySelectorAll("td.again code, p.command code").forEach(copied);
    const contents = document.querySelector("nav.contents details");
    if (contents && matchMedia("(max-width: 1199px)").matches) contents.open = false;
    reveal();
  });
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details.fold").forEach((fold) => { fold.open = true; });
  });
})();
