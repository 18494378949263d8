import { describe, expect, it } from 'vitest';
import type { Target } from '@/api/prometheus';
import { filterTargets, groupTargets } from '@/features/targets/groupTargets';

function target(job: string, address: string, health: Target['health'], lastError = ''): Target {
  return {
    labels: { job, instance: address }, discoveredLabels: {}, scrapePool: job, scrapeUrl: `http://${address}/metrics`, globalUrl: '',
    lastError, lastScrape: '2026-01-01T00:00:00Z', lastScrapeDuration: 0.01, health, scrapeInterval: '15s', scrapeTimeout: '10s',
  };
}

const all = [target('web', 'b:1', 'up'), target('web', 'a:1', 'up'), target('db', 'c:1', 'up'), target('db', 'd:1', 'down', 'connection refused')];

describe('groupTargets', () => {
  it('puts what is broken first', () => {
    const pools = groupTargets(all);
    expect(pools.map((pool) => [pool.job, pool.up, pool.targets.map((one) => one.labels.instance)])).toEqual([
      ['db', 1, ['d:1', 'c:1']],
      ['web', 2, ['a:1', 'b:1']],
    ]);
  });
});

describe('filterTargets', () => {
  it('wants every word, in labels, address or error', () => {
    expect(filterTargets(all, 'JOB=web a:1', false).map((one) => one.scrapeUrl)).toEqual(['http://a:1/metrics']);
    expect(filterTargets(all, 'refused', false)).toHaveLength(1);
    expect(filterTargets(all, '', true).map((one) => one.health)).toEqual(['down']);
  });
});
