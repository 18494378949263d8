// Writes a .gz beside every text asset, so that the server never compresses at request time.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist', import.meta.url).pathname;
const text = new Set(['.js', '.css', '.html', '.svg', '.json', '.map']);
const smallest = 1024;

function* files(dir) {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

for (const path of files(dist)) {
  if (!text.has(extname(path))) continue;
  const raw = readFileSync(path);
  if (raw.length < smallest) continue;
  writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
}
writeFileSync(join(dist, '.gitkeep'), '');
