import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const styles = join(process.cwd(), 'node_modules/@mantine/core/styles');
const imported = readFileSync(join(process.cwd(), 'src/app/theme/mantineStyles.ts'), 'utf8');

function sources(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

describe('the Mantine styles', () => {
  it('hold those of every component that is used', () => {
    const used = new Set(
      sources(join(process.cwd(), 'src')).flatMap((path) =>
        [...readFileSync(path, 'utf8').matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap(([, names = '']) => names.split(',').map((name) => name.trim().split(' ')[0] ?? '')),
      ),
    );
    const missing = [...used].filter((name) => existsSync(join(styles, `${name}.css`)) && !imported.includes(`/${name}.css'`));
    expect(missing).toEqual([]);
    expect(used.has('Button')).toBe(true);
  });
});
