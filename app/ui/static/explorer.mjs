// @ts-check
// The explorer: search, expand, paths, and the same by keys; what it does it says.
import { ask, count } from "./api.mjs";
import { lookOf, pageData } from "./looks.mjs";
import { pageOf, showDetails, showHits, showLegend, showList, showPaths } from "./panels.mjs";
import { plainKey, say } from "./page.mjs";
import { Scene } from "./scene.mjs";

const by = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const stage = by("graph");
const phrase = /** @type {HTMLInputElement} */ (by("phrase"));
const button = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (document.querySelector(`[data-do="${name}"]`));

let from = /** @type {string | null} */ (null);
let cut = "";

const scene = new Scene(stage, () => requestAnimationFrame(refresh));

function refresh() {
  const shown = scene.shown();
  const [nodes, links] = [shown.nodes().length, shown.edges().length];
  const away = scene.nodes().length - nodes;
  const parts = [`${count(nodes, "item")} · ${count(links, "link")}`, away ? `${away} hidden` : "", cut];
  by("scene").textContent = scene.nodes().empty() ? cut || "Nothing shown yet" : parts.filter(Boolean).join(" · ");
  by("start").hidden = scene.nodes().nonempty();
  showLegend(scene);
  showDetails(scene, act);
  if (!by("listed").hidden) showList(scene, act);
  const node = scene.selected;
  for (const name of ["expand", "from", "to", "pin"]) button(name).disabled = !node || (name === "to" && !from);
  button("pin").setAttribute("aria-pressed", String(Boolean(node?.locked())));
}

/** Says the selected node and what it is linked to. */
function saySelected() {
  const node = scene.selected;
  if (!node) return;
  const view = node.data("view");
  const links = node.connectedEdges().not(".hidden");
  const near = [...links].slice(0, 5).map((edge) => edge.data("view").sentence);
  const staff = node.data("staff") ? ", member of staff" : "";
  say(`${view.display_name}, ${lookOf(view.kind).title}${staff}, ${count(links.length, "link")}. ${near.join(". ")}`);
}

/** Runs what a user asked for; what goes wrong is said in its own words. @param {() => Promise<void>} work */
async function attempt(work) {
  stage.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    cut = words;
    refresh();
    say(words);
  } finally {
    stage.removeAttribute("aria-busy");
  }
}

/** Adds what lies around a node and selects it. @param {string} id */
const expand = (id) =>
  attempt(async () => {
    const network = await ask(`/entities/${id}/network?hops=1`);
    cut = network.truncated ? network.cut ?? "cut short" : "";
    const added = await scene.add(network);
    const now = scene.cy.getElementById(id).nonempty() ? id : network.nodes[0]?.id;
    if (now) scene.select(now);
    say(`${count(added.nodes, "item")} and ${count(added.links, "link")} added. ${cut}`);
    if (pageData("start-with").entity !== id && scene.nodes().length === network.nodes.length) {
      history.replaceState(null, "", `/explore?entity=${encodeURIComponent(id)}`);
    }
  });

/** Adds the shortest paths between two nodes; not through findings, which only repeat them. @param {string} start @param {string} end */
const path = (start, end) =>
  attempt(async () => {
    const answer = await ask(`/paths?from=${encodeURIComponent(start)}&to=${encodeURIComponent(end)}&avoid=Finding`);
    showPaths(answer);
    await scene.add(answer);
    scene.mark(answer.paths.flatMap((/** @type {any} */ each) => each.links));
    cut = answer.truncated ? "the search was cut short" : "";
    if (answer.paths.length > 0) scene.select(end);
    say(answer.paths.length > 0 ? `${count(answer.paths.length, "path")}. ${answer.paths[0].sentence}` : "No path of six steps or fewer.");
  });

/** Finds persons, or the path of “A to B”. @param {string} text */
const find = (text) =>
  attempt(async () => {
    const pair = /^(.+?)\s+(?:to|→|->)\s+(.+)$/i.exec(text);
    if (pair) {
      const [start, end] = await Promise.all(pair.slice(1).map((name) => ask("/search", { text: name, limit: 1 })));
      if (start.hits.length > 0 && end.hits.length > 0) {
        return path(start.hits[0].entity_id, end.hits[0].entity_id);
      }
    }
    const answer = await ask("/search", { text, limit: 20 });
    showHits(answer, act);
    say(`${count(answer.hits.length, "person")} found. ${by("read-as").textContent}`);
    if (answer.hits.length === 1) await expand(answer.hits[0].entity_id);
    else by("hits").querySelector("button")?.focus();
  });

/** Does one thing to one node. @param {string} what @param {string} id */
function act(what, id) {
  if (what === "expand") void expand(id);
  else if (what === "show") void expand(id).then(() => stage.focus());
  else if (what === "select") scene.select(id), saySelected();
  else if (what === "from") {
    from = id;
    say(`Path from ${scene.cy.getElementById(id).data("view").display_name}. Select where it should lead, then Path to here.`);
    refresh();
  } else if (what === "to" && from) void path(from, id);
}

const doing = {
  hubs: () => {
    scene.hidden.hubs = !scene.hidden.hubs;
    button("hubs").setAttribute("aria-pressed", String(scene.hidden.hubs));
    scene.filter();
    say(`Hubs ${scene.hidden.hubs ? "hidden" : "shown"}. ${count(scene.shown().nodes().length, "item")} shown.`);
  },
  pin: () => say(scene.pin() ? "Pinned" : "Not pinned"),
  fit: () => scene.fit(),
  clear: () => {
    scene.clear();
    cut = "";
    from = null;
    for (const id of ["hits", "paths"]) by(id).hidden = true;
    say("Nothing shown");
  },
};

for (const name of ["expand", "from", "to"]) button(name).addEventListener("click", () => scene.selected && act(name, scene.selected.id()));
for (const [name, work] of Object.entries(doing)) button(name).addEventListener("click", work);

by("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (phrase.value.trim()) void find(phrase.value.trim());
});

for (const choice of document.querySelectorAll(".toolbar [data-show]")) {
  choice.addEventListener("click", () => {
    const list = /** @type {HTMLElement} */ (choice).dataset.show === "list";
    for (const other of document.querySelectorAll(".toolbar [data-show]")) other.setAttribute("aria-pressed", String(other === choice));
    stage.hidden = list;
    by("listed").hidden = !list;
    refresh();
    if (!list) scene.fit();
    say(list ? "List" : "Graph");
  });
}

stage.addEventListener("keydown", (event) => {
  if (!event.key.startsWith("Arrow") || !plainKey(event)) return;
  event.preventDefault();
  if (scene.walk(event.key)) saySelected();
  else say("No link leads that way");
});
scene.cy.on("tap", "node", () => saySelected());

document.addEventListener("keydown", (event) => {
  if (!plainKey(event)) return;
  const node = scene.selected;
  const names = /** @type {Record<string, string>} */ ({ e: "expand", a: "from", b: "to" });
  if (event.key in names && node) act(names[event.key], node.id());
  else if (event.key === "p" && node) doing.pin();
  else if (event.key === "f") doing.fit();
  else if (event.key === "n" && scene.next()) saySelected();
  else if (event.key === "Enter" && event.target === stage && node && pageOf(node.data("view"))) {
    location.href = /** @type {string} */ (pageOf(node.data("view")));
  }
});

/** Shows what the address or the search box of another page asked for. @param {any} start */
async function begin(start) {
  refresh();
  if (start.entity) await expand(start.entity);
  else if (start.from && start.to) await path(start.from, start.to);
  else if (start.finding) {
    await attempt(async () => {
      const finding = await ask(`/findings/${start.finding}`);
      await scene.add(finding.graph);
      if (finding.subjects.length > 0) scene.select(finding.subjects[0].entity_id);
    });
  } else if (phrase.value) await find(phrase.value);
}

await begin(pageData("start-with"));
