// @ts-check
// Review by keys: s, d and u press the three buttons; typing a reason is safe.
import { plainKey, say } from "./page.mjs";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("decide"));
const reason = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("reason"));

form?.addEventListener("submit", (event) => {
  const pressed = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (pressed?.value === "unsure" || (reason && reason.value.trim().length >= 3)) return;
  event.preventDefault();
  say("Write what settled it, then decide.");
  reason?.focus();
});

document.addEventListener("keydown", (event) => {
  if (!plainKey(event)) return;
  const button = form?.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  form?.requestSubmit(button);
});
