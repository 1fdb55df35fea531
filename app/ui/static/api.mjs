// @ts-check
// Asks the API with the page's session; a problem becomes an Error with its own sentence.

/** @param {string} path @param {object} [body] @returns {Promise<any>} */
export async function ask(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(`/v1${path}`, { credentials: "same-origin", ...options });
  } catch {
    throw new Error("Kith does not answer; is it running?");
  }
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(`${problem.title ?? `Error ${answer.status}`}${problem.detail ? `: ${problem.detail}` : ""}`);
}

/** Returns an element with what is inside it; a function becomes its click. */
export function make(/** @type {string} */ name, /** @type {Record<string, any>} */ given = {}, /** @type {any[]} */ ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...inside);
  return element;
}

/** Returns a number with its noun. @param {number} number @param {string} one */
export const count = (number, one) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
