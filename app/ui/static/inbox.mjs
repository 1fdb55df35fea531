// @ts-check
// A list by keys: j and k move over its lines; Enter follows the link that has the focus.
import { plainKey } from "./page.mjs";

/** @type {HTMLAnchorElement[]} */
const links = [...document.querySelectorAll("table.list .main-link")].map((link) => /** @type {any} */ (link));

document.addEventListener("keydown", (event) => {
  if (!plainKey(event) || links.length === 0) return;
  const at = links.findIndex((link) => link === document.activeElement);
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)].focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)].focus();
});

for (const choice of document.querySelectorAll(".filters select")) {
  choice.addEventListener("change", () => /** @type {HTMLSelectElement} */ (choice).form?.requestSubmit());
}

// A filter that is not set stays out of the address.
document.querySelector(".filters")?.addEventListener("formdata", (event) => {
  const data = /** @type {FormDataEvent} */ (event).formData;
  for (const [name, value] of [...data]) if (value === "") data.delete(name);
});
