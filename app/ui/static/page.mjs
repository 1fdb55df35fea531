// @ts-check
// What every page has: the theme, the search key, the list of keys.
const root = document.documentElement;

/** Says something to a screen reader. @param {string} words */
export function say(words) {
  const live = document.getElementById("live");
  if (live) live.textContent = words;
}

/** Whether the user is typing, so that letters are not keys. @param {KeyboardEvent} event */
export function typing(event) {
  const at = event.target;
  return at instanceof HTMLElement && at.matches("input:not([type=radio], [type=checkbox]), textarea, select");
}

/** Whether a key is meant as a key: no modifier, nobody typing, no dialog open. @param {KeyboardEvent} event */
export function plainKey(event) {
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  return !modified && !typing(event) && !document.querySelector("dialog[open]");
}

function showTheme() {
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  const button = document.getElementById("theme");
  if (!button) return;
  const dark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => (button.textContent = dark() ? "Light theme" : "Dark theme");
  button.hidden = false;
  name();
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    name();
    document.dispatchEvent(new CustomEvent("theme"));
  });
}

document.addEventListener("keydown", (event) => {
  if (!plainKey(event)) return;
  if (event.key === "/") {
    const box = document.getElementById("phrase") ?? document.getElementById("find");
    event.preventDefault();
    box?.focus();
  } else if (event.key === "?") {
    /** @type {HTMLDialogElement} */ (document.getElementById("keys")).showModal();
  }
});

// A link to a source record opens it.
const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (named instanceof HTMLDetailsElement) {
  named.open = true;
  named.scrollIntoView();
}

// What is wider than its place can be scrolled by keys.
const scrolling = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});
for (const wide of document.querySelectorAll(".wide")) scrolling.observe(wide);

showTheme();
