// Narrows the resources' table as one types or chooses. Everything is in the page already.
"use strict";
const form = document.querySelector("form");
const rows = [...document.querySelectorAll("#resources tbody tr")];
const shown = document.querySelector("#shown");
function narrow() {
  const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const type = form.type.value;
  const account = form.account.value;
  let count = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const fits = (!type || row.dataset.type === type) &&
      (!account || row.dataset.account === account) &&
      words.every((word) => text.includes(word));
    row.hidden = !fits;
    if (fits) count += 1;
  }
  shown.textContent = `${count} of ${rows.length}`;
}
if (form) {
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  narrow();
}
