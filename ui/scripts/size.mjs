// Fails when the first load of a page is over its budget: the entry's and the
// page's static import graphs, scripts and styles, gzipped. What a page loads
// later by itself (an editor, a trace's details) is not first load.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist', import.meta.url).pathname;
const budget = { default: 300_000, dashboards: 700_000 };
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

const sizes = new Map();
function gzipped(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  return sizes.get(file);
}

function graph(key, seen = new Set(), files = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) graph(next, seen, files);
  return files;
}

const featureOf = (key) => key.split('/').slice(0, 3).join('/') + '/';
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const pages = Object.keys(manifest).filter((key) => /^src\/features\/[^/]+\/(\w+\/)?\w+(Page|Tab)\.tsx$/.test(key));
if (!entry || pages.length === 0) {
  console.error('size: no entry or no pages in the manifest: run npm run build');
  process.exit(1);
}

let failed = false;
for (const page of [entry, ...pages]) {
  const files = new Set([...graph(entry), ...graph(page)]);
  // A tab is loaded inside its feature's page.
  for (const outer of page.endsWith('Tab.tsx') ? pages.filter((p) => p.endsWith('Page.tsx') && p.startsWith(featureOf(page))) : []) {
    for (const file of graph(outer)) files.add(file);
  }
  const total = [...files].reduce((sum, file) => sum + gzipped(file), 0);
  const limit = featureOf(page) === 'src/features/dashboards/' ? budget.dashboards : budget.default;
  const over = total > limit;
  failed ||= over;
  console.log(`${over ? 'OVER' : 'ok  '} ${(total / 1000).toFixed(1).padStart(7)} kB of ${limit / 1000} kB in ${String(files.size).padStart(2)} files  ${page}`);
}
process.exit(failed ? 1 : 0);
