// @ts-check
// Asks the worker where nodes go; what is placed already stays.

/** @typedef {{id: string, x: number, y: number, fixed: boolean}} Place */

const urls = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("kith-worker", {
  createScriptURL: (/** @type {string} */ url) => url,
});
const address = new URL("./layout.worker.mjs", import.meta.url).href;

/** @type {Worker | undefined} */
let worker;
let asked = 0;

/**
 * Returns where each node goes: the same for the same input. Fixed ones do not move.
 * @param {Place[]} places @param {{source: string, target: string}[]} links @returns {Promise<Place[]>}
 */
export function layOut(places, links) {
  worker ??= new Worker(urls ? urls.createScriptURL(address) : address, { type: "module" });
  const question = ++asked;
  const at = worker;
  return new Promise((resolve, reject) => {
    const settle = (/** @type {MessageEvent} */ event) => {
      if (event.data.question !== question) return;
      at.removeEventListener("message", settle);
      resolve(event.data.places);
    };
    at.addEventListener("message", settle);
    at.addEventListener("error", () => reject(new Error("the layout could not be made")), { once: true });
    at.postMessage({ question, places, links });
  });
}
