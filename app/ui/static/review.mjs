// @ts-check
// Review by keys: a letter presses its button, link or summary; typing a note is safe.
import { plainKey, say } from "./page.mjs";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("decide"));
const reason = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("reason"));
const needed = 3;

/** The decision that waits for its note. @type {HTMLButtonElement | null} */
let pending = null;

form?.addEventListener("submit", (event) => {
  const pressed = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (pressed?.value === "unsure" || (reason && reason.value.trim().length >= needed)) return;
  event.preventDefault();
  pending = pressed;
  say("Write what settled it, then press Enter.");
  reason?.focus();
});

reason?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    pending = null;
    reason.blur();
    say("Letters are keys again.");
  } else if (event.key === "Enter" && !event.shiftKey && pending) {
    event.preventDefault();
    form?.requestSubmit(pending);
  }
});

document.addEventListener("keydown", (event) => {
  if (!plainKey(event)) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!(target instanceof HTMLElement)) return;
  event.preventDefault();
  target.click();
  if (target.localName === "summary") target.focus();
});
