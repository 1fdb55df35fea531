// @ts-check
// A finding's evidence as a graph beside its list, and the decision by the keys 1 to 4.
import cytoscape from "./vendor/graph.mjs";
import { layOut } from "./layout.mjs";
import { linkElement, nodeElement, pageData, style, verb } from "./looks.mjs";
import { plainKey, say } from "./page.mjs";

const data = pageData("graph-data");
const weights = pageData("weights") ?? {};
const drawn = document.getElementById("drawn");
const listed = document.getElementById("listed");

/**
 * Returns places that read from left to right: two persons at the sides, what they share between them, what only one
 * has outside. Null for any other number of persons.
 * @param {any} network
 */
function sides(network) {
  const people = network.nodes.filter((/** @type {any} */ node) => node.kind === "Person");
  if (people.length !== 2) return null;
  const [left, right] = people.map((/** @type {any} */ node) => node.id);
  /** @type {Map<string, Set<string>>} */
  const near = new Map(network.nodes.map((/** @type {any} */ node) => [node.id, new Set()]));
  for (const link of network.links) {
    near.get(link.start)?.add(link.end);
    near.get(link.end)?.add(link.start);
  }
  /** @type {Record<string, string[]>} */
  const columns = { left: [], middle: [], right: [] };
  for (const [id, others] of near) {
    if (id === left || id === right) continue;
    const both = others.has(left) === others.has(right);
    columns[both ? "middle" : others.has(left) ? "left" : "right"].push(id);
  }
  /** @type {Record<string, {x: number, y: number}>} */
  const places = { [left]: { x: -230, y: 0 }, [right]: { x: 230, y: 0 } };
  for (const [column, x] of /** @type {[string, number][]} */ ([["left", -430], ["middle", 0], ["right", 430]])) {
    columns[column].forEach((id, row) => (places[id] = { x, y: (row - (columns[column].length - 1) / 2) * 84 }));
  }
  return places;
}

async function draw() {
  const container = document.getElementById("graph");
  if (!data || !drawn || !container || !listed) return;
  drawn.hidden = false;
  listed.hidden = true;
  let places = sides(data);
  if (!places) {
    const start = data.nodes.map((/** @type {any} */ node, /** @type {number} */ at) => ({
      id: node.id, x: Math.cos(at) * 150, y: Math.sin(at) * 150, fixed: false,
    }));
    const links = data.links.map((/** @type {any} */ link) => ({ source: link.start, target: link.end }));
    places = Object.fromEntries((await layOut(start, links)).map((place) => [place.id, place]));
  }
  const down = Object.values(places).map((place) => place.y);
  container.style.height = `${Math.min(480, Math.max(230, Math.max(...down) - Math.min(...down) + 170))}px`;
  const elements = [
    ...data.nodes.map((/** @type {any} */ node) => {
      const element = nodeElement(node);
      return { ...element, data: { ...element.data, subject: node.kind === "Person" }, position: places[node.id] };
    }),
    ...data.links.map((/** @type {any} */ link) => {
      const element = linkElement(link);
      const label = (link.properties.role ?? verb(link.type)).replaceAll("_", " ");
      return { ...element, data: { ...element.data, weight: weights[link.id] ?? "context", label } };
    }),
  ];
  const cy = cytoscape({
    container, elements, style: style(), layout: { name: "preset", padding: 28 },
    userZoomingEnabled: false, boxSelectionEnabled: false, autoungrabify: true, maxZoom: 1.4,
  });
  cy.on("tap", "node", (/** @type {any} */ event) => {
    const { kind, id } = event.target.data();
    if (kind === "Person") location.href = `/entities/${id}`;
  });
  document.addEventListener("theme", () => cy.style(style()));
}

function switchView() {
  const group = document.querySelector(".switch");
  if (!data || !(group instanceof HTMLElement)) return;
  group.hidden = false;
  const buttons = [...group.querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      if (drawn) drawn.hidden = button.dataset.show !== "graph";
      if (listed) listed.hidden = button.dataset.show !== "list";
      say(button.dataset.show === "list" ? "Evidence as a list" : "Evidence as a graph");
    });
  }
}

document.addEventListener("keydown", (event) => {
  if (!plainKey(event)) return;
  const choice = document.querySelector(`#decide input[data-key="${CSS.escape(event.key)}"]`);
  if (!(choice instanceof HTMLInputElement)) return;
  event.preventDefault();
  choice.checked = true;
  choice.focus();
});

switchView();
await draw();
