import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

// The zones of src/ and what each may import besides itself. Features never import each other.
const mayImport: Record<string, readonly string[]> = {
  lib: [],
  api: ['lib'],
  components: ['lib', 'api'],
  features: ['components', 'lib', 'api'],
  app: ['features', 'components', 'lib', 'api'],
};

const src = join(process.cwd(), 'src');

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

interface Import {
  file: string;
  from: string[];
  to: string[];
  target: string;
}

function imports(): Import[] {
  return sources(src).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const file = relative(src, path);
    return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(([, spec = '']) => {
      const target = spec.startsWith('@/') ? spec.slice(2) : spec.startsWith('.') ? normalize(join(dirname(file), spec)) : undefined;
      return target === undefined ? [] : [{ file, from: file.split('/'), to: target.split('/'), target }];
    });
  });
}

describe('the import rules', () => {
  const all = imports();

  it('finds the imports', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  it('let each zone import only what is below it', () => {
    const broken = all.filter(({ from, to }) => {
      const zone = from[0] ?? '';
      const target = to[0] ?? '';
      return zone in mayImport && target in mayImport && zone !== target && !mayImport[zone]?.includes(target);
    });
    expect(broken.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('keep features apart', () => {
    const broken = all.filter(({ from, to }) => from[0] === 'features' && to[0] === 'features' && from[1] !== to[1]);
    expect(broken.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it('allow no barrel files', () => {
    const barrels = sources(src).filter((path) => /(^|\/)index\.tsx?$/.test(path));
    expect(barrels.map((path) => relative(src, path))).toEqual([]);
  });
});
