"use strict";
{
  const find = (id) => document.getElementById(id);
  const filter = find("filter");
  const unfold = find("unfold");
  const rows = [...document.querySelectorAll("[data-row]")];
  const texts = rows.map((row) => row.textContent.toLowerCase());

  const sift = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      left += row.hidden ? 0 : 1;
    });
    find("found").textContent = words.length ? `${left} of ${rows.length} rows` : "";
  };

  filter.addEventListener("input", sift);
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    unfold.setAttribute("aria-pressed", String(open));
    document.querySelectorAll(".trouble details").forEach((one) => { one.open = open; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== filter) {
      event.preventDefault();
      filter.focus();
    } else if (event.key === "Escape" && event.target === filter) {
      filter.value = "";
      sift();
    }
  });
  unfold.hidden = !document.querySelector(".trouble details");
  find("tools").hidden = false;
}
