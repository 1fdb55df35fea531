// Builds app/ui/static/vendor from the pinned packages; `--check` rebuilds and compares instead of writing.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../../app/ui/static/vendor");

// One bundle for the page (the drawing), one for its worker (the layout): a worker has no document.
const bundles = {
  "graph.mjs": 'export { default } from "cytoscape";',
  "force.mjs":
    'export { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";',
};
const shipped = ["cytoscape", "d3-force", "d3-dispatch", "d3-quadtree", "d3-timer"];

async function bundle(contents) {
  const result = await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return result.outputFiles[0].text;
}

const inside = `Inside cytoscape's own bundle, each under the MIT licence (its text as above):

  lodash (debounce, memoize, set, get): Copyright OpenJS Foundation and other contributors
  heap: Copyright (c) Xueqiao Xu
  thenable (promises): Copyright (c) 2013-2014 Ralf S. Engelschall
  bezier-easing: Copyright (c) 2014-2015 Gaetan Renaudeau
`;

function legal() {
  const texts = shipped
    .map((name) => {
      const folder = join(here, "node_modules", name);
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const text = readFileSync(join(folder, "LICENSE"), "utf8").trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    });
  return [...texts, inside].join(`\n${"-".repeat(72)}\n\n`);
}

const files = { "LEGAL.txt": legal() };
for (const [name, contents] of Object.entries(bundles)) files[name] = await bundle(contents);
files.SHA256SUMS = Object.keys(files)
  .sort()
  .map((name) => `${createHash("sha256").update(files[name]).digest("hex")}  ${name}\n`)
  .join("");

if (process.argv.includes("--check")) {
  const stale = Object.keys(files).filter((name) => readFileSync(join(target, name), "utf8") !== files[name]);
  if (stale.length > 0) {
    console.error(`not what the pinned packages build: ${stale.join(", ")}; run "npm run build"`);
    process.exit(1);
  }
} else {
  mkdirSync(target, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(target, name), text);
}
for (const [name, text] of Object.entries(files)) console.log(`${name}\t${text.length}`);
