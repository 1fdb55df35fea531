// @ts-check
// How nodes and links are drawn: the server's looks as a cytoscape style, in the colours of the theme.

/** @typedef {{label: string, title: string, shape: string, colour: string, ink: string, outline: string, icon: string}} Look */

/** Returns the data a page carries under an id. @param {string} id */
export function pageData(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

/** @type {Look[]} */
export const looks = pageData("looks") ?? [];
const byLabel = new Map(looks.map((look) => [look.label, look]));

/** @param {string} kind @returns {Look} */
export const lookOf = (kind) => byLabel.get(kind) ?? /** @type {Look} */ (byLabel.get("Event"));

/** Returns the words of a relationship type: LIVES_AT → lives at. @param {string} type */
export const verb = (type) => type.toLowerCase().replaceAll("_", " ");

/** Returns an icon as a picture of its own. @param {Look} look */
function picture(look) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48" viewBox="0 0 24 24"><path d="${look.icon}" fill="${look.ink}" fill-rule="evenodd"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Returns the sign of a kind as an element, for legends and lists. @param {string} kind @param {boolean} staff */
export function sign(kind, staff = false) {
  const look = lookOf(kind);
  const make = (/** @type {string} */ name, /** @type {Record<string, string>} */ attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const svg = make("svg", { class: "kind", viewBox: "-2 -2 28 28", "aria-hidden": "true" });
  if (staff) svg.append(make("circle", { cx: "12", cy: "12", r: "13", class: "ring" }));
  svg.append(make("path", { d: look.outline, fill: look.colour, class: "outline" }));
  svg.append(make("path", { d: look.icon, fill: look.ink, "fill-rule": "evenodd" }));
  return svg;
}

/** Returns a colour of the theme as the browser computes it. @param {string} token */
function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** @type {Record<string, object>} */
const shapes = {
  circle: { shape: "ellipse" },
  pill: { shape: "round-rectangle", height: 24, width: 40, "corner-radius": 12 },
};

/** Returns the cytoscape style in the present theme. */
export function style() {
  const [ink, minor, card, edge, accent, makes] = ["ink", "minor", "card", "edge", "accent", "makes"].map(colour);
  const kinds = looks.map((look) => ({
    selector: `node[kind = "${look.label}"]`,
    style: {
      ...(shapes[look.shape] ?? { shape: look.shape }),
      "background-color": look.colour,
      "background-image": picture(look),
    },
  }));
  const text = { "text-background-color": card, "text-background-opacity": 1, "text-background-padding": 3 };
  const line = { "line-color": edge, "target-arrow-color": edge, "target-arrow-shape": "triangle" };
  return [
    {
      selector: "node",
      style: {
        width: 34, height: 34, label: "data(label)", color: ink, "font-size": 12, "text-valign": "bottom",
        "text-margin-y": 5, "text-wrap": "wrap", "text-max-width": 140, "font-family": getComputedStyle(document.body).fontFamily,
        "border-width": 1, "border-color": ink, "background-fit": "contain", "min-zoomed-font-size": 6,
        "text-outline-color": card, "text-outline-width": 2.5,
      },
    },
    ...kinds,
    { selector: "node[?staff]", style: { "border-width": 5, "border-style": "double" } },
    { selector: "node[?subject]", style: { width: 42, height: 42, "font-weight": "bold" } },
    { selector: "node.pinned", style: { "outline-width": 3, "outline-color": accent, "outline-offset": 2 } },
    { selector: "node:selected", style: { "outline-width": 5, "outline-color": "#e69f00", "outline-offset": 2 } },
    {
      selector: "edge",
      style: { width: 1.5, "curve-style": "bezier", "arrow-scale": 0.9, opacity: 0.9, ...line },
    },
    {
      selector: "edge[label]",
      style: { label: "data(label)", "font-size": 10.5, color: minor, "text-rotation": "autorotate", ...text },
    },
    { selector: 'edge[weight = "makes"]', style: { width: 3.5, "line-color": makes, "target-arrow-color": makes } },
    { selector: 'edge[weight = "supports"]', style: { width: 2, "line-color": ink, "target-arrow-color": ink } },
    { selector: 'edge[weight = "context"]', style: { "line-style": "dashed" } },
    { selector: "edge.path", style: { width: 4, "line-color": "#e69f00", "target-arrow-color": "#e69f00" } },
    { selector: ".dim", style: { opacity: 0.25 } },
    { selector: ".hidden", style: { display: "none" } },
  ];
}

/** Returns a node of the API as a cytoscape element. @param {any} node */
export function nodeElement(node) {
  const label = node.display_name.length > 48 ? `${node.display_name.slice(0, 47)}…` : node.display_name;
  const breakable = label.replace("@", "\u200b@");
  const hub = node.properties.display_band === "hub";
  return { group: "nodes", data: { id: node.id, kind: node.kind, label: breakable, staff: node.labels.includes("Staff"), hub, view: node } };
}

/** Returns a link of the API as a cytoscape element. @param {any} link */
export function linkElement(link) {
  return { group: "edges", data: { id: link.id, source: link.start, target: link.end, type: link.type, view: link } };
}
