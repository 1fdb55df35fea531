// @ts-check
// Places nodes by forces, off the page's thread, with a seeded source of chance: the same input, the same places.
import * as bundle from "./vendor/force.mjs";

// The bundle carries no types.
const { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } = /** @type {any} */ (bundle);

/** @param {number} seed */
function seeded(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) >>> 0;
    return seed / 4294967296;
  };
}

self.onmessage = ({ data: { question, places, links } }) => {
  const nodes = places.map((/** @type {any} */ place) =>
    place.fixed ? { ...place, fx: place.x, fy: place.y } : { ...place },
  );
  const simulation = forceSimulation(nodes)
    .randomSource(seeded(7))
    .force("link", forceLink(links).id((/** @type {any} */ node) => node.id).distance(130))
    .force("charge", forceManyBody().strength(-650).distanceMax(900))
    .force("collide", forceCollide(64))
    .force("x", forceX().strength(0.04))
    .force("y", forceY().strength(0.06))
    .stop();
  const ticks = nodes.length > 1000 ? 120 : 250;
  for (let tick = 0; tick < ticks; tick += 1) simulation.tick();
  self.postMessage({
    question,
    places: nodes.map((/** @type {any} */ { id, x, y, fixed }) => ({ id, x: Math.round(x), y: Math.round(y), fixed })),
  });
};
