import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchBody } from '@/features/dashboards/data/elastic/request';
import { elasticTarget } from '@/features/dashboards/data/elastic/types';

// The server decides by the same bodies what a public link may ask: see dashboards/elasticbody.go.
const dir = join(process.cwd(), '..', 'dashboards', 'testdata', 'elastic');

interface Case {
  name: string;
  target: Record<string, unknown>;
  query: string;
}

describe('bodies of searches', () => {
  it('are those that the server compares with', () => {
    const cases = JSON.parse(readFileSync(join(dir, 'targets.json'), 'utf8')) as Case[];
    const built = cases.map(({ name, target, query }) => ({ name, body: searchBody(elasticTarget(target), { query, from: 1_700_000_000_000, to: 1_700_003_600_000, step: 15_000 }) }));
    const file = join(dir, 'bodies.json');
    // Written anew by deleting it.
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(built, null, 2)}\n`);
    expect(JSON.parse(JSON.stringify(built))).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });
});
