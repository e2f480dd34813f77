document.querySelectorAll("table.sortable").forEach(function (table) {
  table.querySelectorAll("th button").forEach(function (button) {
    button.addEventListener("click", function () {
      var head = button.closest("th"), column = head.cellIndex, body = table.tBodies[0];
      var up = head.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      var rows = Array.from(body.rows).map(function (row) {
        var cell = row.cells[column], raw = cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
        return { row: row, raw: raw, number: raw === "" ? NaN : Number(raw) };
      });
      rows.sort(function (a, b) {
        if (a.raw === "" || b.raw === "") return (a.raw === "") - (b.raw === "");
        var numeric = !isNaN(a.number) && !isNaN(b.number);
        var order = numeric ? a.number - b.number : a.raw.localeCompare(b.raw);
        return up ? order : -order;
      });
      rows.forEach(function (item) { body.appendChild(item.row); });
    });
  });
});
if (window.innerWidth >= 760) document.querySelectorAll(".nets details").forEach(function (d) { d.open = true; });
