// @ts-check
// What the explorer shows: nodes and links, where they stand, what is hidden, what is selected.
import cytoscape from "./vendor/graph.mjs";
import { layOut } from "./layout.mjs";
import { linkElement, nodeElement, style } from "./looks.mjs";

export const MOST_NODES = 1500;
const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export class Scene {
  /** @param {HTMLElement} container @param {() => void} changed called after what is shown or selected changes */
  constructor(container, changed) {
    this.changed = changed;
    this.hidden = { kinds: new Set(), types: new Set(), hubs: false };
    this.cy = cytoscape({
      container, style: style(), layout: { name: "preset" }, minZoom: 0.05, maxZoom: 2.5,
      boxSelectionEnabled: false, selectionType: "single",
    });
    this.cy.on("select unselect", () => this.changed());
    document.addEventListener("theme", () => this.cy.style(style()));
  }

  /** @returns {any | null} the selected node, null without one */
  get selected() {
    const chosen = this.cy.nodes(":selected");
    return chosen.nonempty() ? chosen[0] : null;
  }

  nodes() {
    return this.cy.nodes();
  }

  links() {
    return this.cy.edges();
  }

  /** Returns what is neither filtered away nor a hub that is hidden. */
  shown() {
    return this.cy.elements().not(".hidden");
  }

  /**
   * Adds what is new of a network; what stands already keeps its place.
   * @param {{nodes: any[], links: any[]}} network @returns {Promise<{nodes: number, links: number}>} how many are new
   */
  async add(network) {
    const fresh = network.nodes.filter((node) => this.cy.getElementById(node.id).empty());
    if (this.cy.nodes().length + fresh.length > MOST_NODES) {
      throw new Error(`More than ${MOST_NODES} items would be shown; clear the view or hide hubs first.`);
    }
    const known = new Set([...this.cy.nodes().map((/** @type {any} */ node) => node.id()), ...fresh.map((node) => node.id)]);
    const links = network.links.filter(
      (link) => this.cy.getElementById(link.id).empty() && known.has(link.start) && known.has(link.end),
    );
    const places = fresh.length === 0 ? [] : await layOut(this.#startingPlaces(fresh, links), this.#pairs(links));
    const at = new Map(places.map((place) => [place.id, place]));
    this.cy.batch(() => {
      this.cy.add(fresh.map((node) => ({ ...nodeElement(node), position: at.get(node.id) })));
      this.cy.add(links.map(linkElement));
    });
    this.filter();
    if (fresh.length > 0) this.fit();
    return { nodes: fresh.length, links: links.length };
  }

  /** New nodes start around what they are linked to, in the order given. */
  #startingPlaces(/** @type {any[]} */ fresh, /** @type {any[]} */ links) {
    const standing = this.cy.nodes().map((/** @type {any} */ node) => ({ id: node.id(), ...node.position(), fixed: true }));
    const at = new Map(standing.map((/** @type {any} */ place) => [place.id, place]));
    const starting = fresh.map((node, turn) => {
      const near = links
        .filter((link) => link.start === node.id || link.end === node.id)
        .map((link) => at.get(link.start === node.id ? link.end : link.start))
        .filter(Boolean);
      const middle = (/** @type {"x" | "y"} */ axis) =>
        near.reduce((/** @type {number} */ sum, /** @type {any} */ place) => sum + place[axis], 0) / (near.length || 1);
      return { id: node.id, x: middle("x") + 90 * Math.cos(turn * 2.4), y: middle("y") + 90 * Math.sin(turn * 2.4), fixed: false };
    });
    return [...standing, ...starting];
  }

  #pairs(/** @type {any[]} */ links) {
    const standing = this.cy.edges().map((/** @type {any} */ edge) => ({ source: edge.source().id(), target: edge.target().id() }));
    return [...standing, ...links.map((link) => ({ source: link.start, target: link.end }))];
  }

  /** Hides what the legend unticks and, where asked, hubs; then tells. */
  filter() {
    const { kinds, types, hubs } = this.hidden;
    this.cy.batch(() => {
      for (const node of this.cy.nodes()) {
        node.toggleClass("hidden", kinds.has(node.data("kind")) || (hubs && node.data("hub")));
      }
      for (const edge of this.cy.edges()) {
        const loose = edge.source().hasClass("hidden") || edge.target().hasClass("hidden");
        edge.toggleClass("hidden", loose || types.has(edge.data("type")));
      }
      this.cy.nodes(".hidden:selected").unselect();
    });
    this.changed();
  }

  /** @param {string} id */
  select(id) {
    this.cy.batch(() => {
      this.cy.elements(":selected").unselect();
      this.cy.getElementById(id).select();
    });
    const box = this.cy.extent();
    const place = this.cy.getElementById(id).position();
    const inView = place && place.x > box.x1 && place.x < box.x2 && place.y > box.y1 && place.y < box.y2;
    if (place && !inView) this.cy.center(this.cy.getElementById(id));
  }

  /**
   * Walks from the selected node along the link that leads best towards an arrow.
   * @param {string} key @returns {boolean} whether there was one
   */
  walk(key) {
    const from = this.selected;
    if (!from) return this.next();
    const [right, down] = ways[/** @type {keyof typeof ways} */ (key)];
    const here = from.position();
    let best = null;
    for (const node of from.neighborhood("node").not(".hidden")) {
      const across = node.position().x - here.x;
      const below = node.position().y - here.y;
      const along = across * right + below * down;
      const aside = Math.abs(across * down) + Math.abs(below * right);
      if (along <= 0 || aside > along * 1.8) continue;
      if (!best || along + 2 * aside < best.cost) best = { cost: along + 2 * aside, id: node.id() };
    }
    if (best) this.select(best.id);
    return best !== null;
  }

  /** Selects the next node in reading order: rows from the top, each from the left. @returns {boolean} */
  next() {
    const order = [...this.cy.nodes().not(".hidden")].sort((one, other) => {
      const rows = Math.round(one.position().y / 60) - Math.round(other.position().y / 60);
      return rows || one.position().x - other.position().x;
    });
    if (order.length === 0) return false;
    const at = order.findIndex((node) => node.id() === this.selected?.id());
    this.select(order[(at + 1) % order.length].id());
    return true;
  }

  /** Pins the selected node, or lets it go. @returns {boolean} whether it is pinned now */
  pin() {
    const node = this.selected;
    if (!node) return false;
    if (node.locked()) node.unlock();
    else node.lock();
    node.toggleClass("pinned", node.locked());
    this.changed();
    return node.locked();
  }

  /** @param {string[]} ids of links on a path */
  mark(ids) {
    this.cy.edges().removeClass("path");
    for (const id of ids) this.cy.getElementById(id).addClass("path");
  }

  fit() {
    this.cy.resize();
    this.cy.fit(this.shown(), 46);
    if (this.cy.zoom() > 1.3) {
      this.cy.zoom(1.3);
      this.cy.center(this.shown());
    }
  }

  clear() {
    this.cy.elements().remove();
    this.changed();
  }
}
