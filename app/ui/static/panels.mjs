// @ts-check
// The words around the explorer's drawing: legend, list, details and paths.
import { count, make } from "./api.mjs";
import { lookOf, looks, sign, verb } from "./looks.mjs";

/** @typedef {import("./scene.mjs").Scene} Scene */
/** @typedef {(what: string, id: string) => void} Doing */

/** Draws anew and gives the focus back to what had it. @param {string} id @param {() => void} draw */
function keepingFocus(id, draw) {
  const name = (/** @type {Element | null} */ element) =>
    element?.getAttribute("data-key") ?? element?.getAttribute("aria-label") ?? element?.textContent;
  const had = by(id).contains(document.activeElement) ? name(document.activeElement) : null;
  draw();
  const again = had && [...by(id).querySelectorAll("button, input, a")].find((element) => name(element) === had);
  if (again instanceof HTMLElement) again.focus();
}

const by = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Returns a span of time in words. @param {any} properties */
function when({ valid_from: start, valid_to: end }) {
  const day = (/** @type {string} */ text) => text.slice(0, 10);
  if (start && end) return day(start) === day(end) ? day(start) : `${day(start)} – ${day(end)}`;
  if (start) return `since ${day(start)}`;
  return end ? `until ${day(end)}` : "";
}

/** Returns the page of a node, null where it has none. @param {any} view */
export function pageOf(view) {
  if (view.kind === "Person") return `/entities/${view.id}`;
  return view.kind === "Finding" ? `/findings/${view.id}` : null;
}

/** Returns a tally by a data field, in the order of the keys given, then by name. */
function tally(/** @type {any} */ elements, /** @type {string} */ field, /** @type {string[]} */ order) {
  const numbers = new Map();
  for (const element of elements) numbers.set(element.data(field), (numbers.get(element.data(field)) ?? 0) + 1);
  const rank = (/** @type {string} */ key) => (order.indexOf(key) + 1 || order.length + 1);
  return [...numbers].sort(([one], [other]) => rank(one) - rank(other) || one.localeCompare(other));
}

function row(/** @type {Set<string>} */ hidden, /** @type {string} */ key, /** @type {number} */ number, /** @type {any[]} */ name, /** @type {Scene} */ scene) {
  const box = make("input", { type: "checkbox", checked: !hidden.has(key), "data-key": key });
  box.addEventListener("change", () => {
    if (/** @type {HTMLInputElement} */ (box).checked) hidden.delete(key);
    else hidden.add(key);
    scene.filter();
  });
  return make("li", {}, make("label", {}, box, ...name, make("span", { class: "count" }, String(number))));
}

/** Draws the legend: each kind and link with its number in the view; unticking hides. @param {Scene} scene */
export function showLegend(scene) {
  keepingFocus("legend", () => drawLegend(scene));
}

function drawLegend(/** @type {Scene} */ scene) {
  const kinds = tally(scene.nodes(), "kind", looks.map((look) => look.label));
  by("kinds").replaceChildren(
    ...kinds.map(([kind, number]) => row(scene.hidden.kinds, kind, number, [sign(kind), lookOf(kind).title], scene)),
  );
  const types = tally(scene.links(), "type", []);
  by("types").replaceChildren(
    ...types.map(([type, number]) => row(scene.hidden.types, type, number, [verb(type)], scene)),
  );
}

/** Draws the view as two tables, equal to the drawing. @param {Scene} scene @param {Doing} act */
export function showList(scene, act) {
  keepingFocus("listed", () => drawList(scene, act));
}

function drawList(/** @type {Scene} */ scene, /** @type {Doing} */ act) {
  const named = (/** @type {any} */ node) => node.data("view").display_name;
  const shown = scene.shown();
  const nodes = [...shown.nodes()].sort((one, other) => named(one).localeCompare(named(other)) || one.id().localeCompare(other.id()));
  const button = (/** @type {string} */ what, /** @type {string} */ word, /** @type {any} */ node) =>
    make("button", { type: "button", click: () => act(what, node.id()), "aria-label": `${word}: ${named(node)}` }, word);
  by("item-list").querySelector("tbody")?.replaceChildren(
    ...nodes.map((node) =>
      make("tr", { "data-id": node.id() },
        make("th", { scope: "row" }, make("span", { class: "with-icon" }, sign(node.data("kind"), node.data("staff")), titled(node.data("view")))),
        make("td", {}, lookOf(node.data("kind")).title),
        make("td", { class: "number" }, String(node.connectedEdges().not(".hidden").length)),
        make("td", {}, make("span", { class: "buttons" }, button("select", "Select", node), button("expand", "Expand", node), button("from", "Path from", node), button("to", "Path to", node))))),
  );
  by("link-list").querySelector("tbody")?.replaceChildren(
    ...[...shown.edges()].map((edge) =>
      make("tr", {}, make("td", {}, named(edge.source())), make("td", {}, verb(edge.data("type"))), make("td", {}, named(edge.target())), make("td", {}, when(edge.data("view").properties)))),
  );
}

function titled(/** @type {any} */ view) {
  const page = pageOf(view);
  return page ? make("a", { href: page }, view.display_name) : view.display_name;
}

/** Draws what is known of the selected node. @param {Scene} scene @param {Doing} act */
export function showDetails(scene, act) {
  keepingFocus("details", () => drawDetails(scene, act));
}

function drawDetails(/** @type {Scene} */ scene, /** @type {Doing} */ act) {
  const node = scene.selected;
  if (!node) {
    by("details").replaceChildren(make("h2", {}, "Nothing selected"), make("p", { class: "minor" }, "Click an item, or focus the graph and press an arrow key."));
    return;
  }
  const view = node.data("view");
  const page = pageOf(view);
  const edges = [...node.connectedEdges().not(".hidden")];
  by("details").replaceChildren(
    make("h2", { class: "with-icon" }, sign(view.kind, node.data("staff")), view.display_name),
    make("p", { class: "tags" }, make("span", { class: "pill" }, lookOf(view.kind).title), ...(node.data("staff") ? [make("span", { class: "pill" }, "Member of staff")] : []), ...(node.data("hub") ? [make("span", { class: "pill" }, "Hub")] : [])),
    facts(view.properties),
    make("div", { class: "buttons" }, ...(page ? [make("a", { class: "button primary", href: page }, "Open the page")] : []), make("button", { type: "button", click: () => act("expand", view.id) }, "Expand")),
    make("h2", {}, `Links shown (${edges.length})`),
    make("table", {}, make("tbody", {}, ...edges.map((edge) => linked(edge, node, act)))),
  );
}

const unsaid = new Set(["display_name", "display_band", "founding_record", "severity_band"]);

function facts(/** @type {Record<string, any>} */ properties) {
  const said = Object.entries(properties).filter(([name]) => !unsaid.has(name));
  const word = (/** @type {string} */ name) => name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
  return make("dl", { class: "raw" }, ...said.map(([name, value]) => make("div", {}, make("dt", {}, word(name)), make("dd", {}, Array.isArray(value) ? value.join(", ") : String(value)))));
}

function linked(/** @type {any} */ edge, /** @type {any} */ node, /** @type {Doing} */ act) {
  const other = edge.source().id() === node.id() ? edge.target() : edge.source();
  const go = make("button", { type: "button", class: "link", click: () => act("select", other.id()) }, other.data("view").display_name);
  return make("tr", {}, make("td", { class: "minor" }, verb(edge.data("type"))), make("td", {}, go, make("span", { class: "minor when" }, when(edge.data("view").properties))));
}

/** Lists persons found; a click adds one. @param {any} answer @param {Doing} act */
export function showHits(answer, act) {
  const read = Object.entries(answer.read_as).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`);
  by("read-as").textContent = [read.length > 0 ? `Read as ${read.join(", ")}.` : "", answer.advice ?? "", answer.cut ?? ""].join(" ").trim();
  by("hits").hidden = false;
  by("hits").querySelector("ul")?.replaceChildren(
    ...answer.hits.map((/** @type {any} */ hit) =>
      make("li", {}, make("button", { type: "button", class: "hit", click: () => act("show", hit.entity_id) }, make("strong", {}, hit.display_name), make("span", { class: "minor" }, [hit.date_of_birth, hit.staff ? "staff" : "", hit.reason].filter(Boolean).join(" · "))))),
    ...(answer.hits.length === 0 ? [make("li", { class: "minor" }, "Nobody found.")] : []),
  );
}

/** Lists the paths between two nodes in words. @param {any} answer */
export function showPaths(answer) {
  by("paths").hidden = false;
  by("paths").querySelector("ol")?.replaceChildren(
    ...answer.paths.map((/** @type {any} */ path) => make("li", {}, `${count(path.links.length, "step")}: ${path.sentence}`)),
    ...(answer.paths.length === 0 ? [make("li", { class: "minor" }, "No path of six steps or fewer.")] : []),
  );
}
