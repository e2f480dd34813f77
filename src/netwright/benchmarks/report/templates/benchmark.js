document.querySelectorAll(".key").forEach(function (key) {
  key.addEventListener("click", function () {
    var on = key.classList.toggle("on");
    key.setAttribute("aria-pressed", on);
    document.querySelectorAll(".many g").forEach(function (line) {
      if (line.dataset.s !== key.dataset.s) return;
      line.classList.toggle("on", on);
      if (on) line.parentNode.appendChild(line);
    });
  });
});
