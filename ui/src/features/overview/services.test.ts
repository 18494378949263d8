import { describe, expect, it } from 'vitest';
import type { VectorSample } from '@/api/prometheus';
import { combine, verdictOf } from '@/features/overview/services';

function sample(metric: Record<string, string>, value: string): VectorSample {
  return { metric, value: [0, value] };
}

describe('combine', () => {
  it('joins what scrapes, requests and durations say, worst first', () => {
    const services = combine(
      {
        up: [sample({ job: 'web' }, '1'), sample({ job: 'db' }, '1')],
        targets: [sample({ job: 'web' }, '1'), sample({ job: 'db' }, '2')],
        rate: [sample({ service: 'web', job: 'web' }, '10'), sample({ service: 'api', job: 'x' }, '4')],
        errors: [sample({ service: 'api', job: 'x' }, '1')],
        p95: [sample({ service: 'web', job: 'web' }, 'NaN'), sample({ service: 'api', job: 'x' }, '0.2')],
      },
      { resultType: 'matrix', result: [{ metric: { service: 'web' }, values: [[1, '3'], [2, '4']] }] },
    );
    expect(services.map((one) => [one.name, verdictOf(one)])).toEqual([
      ['db', 'down'],
      ['api', 'failing'],
      ['web', 'healthy'],
    ]);
    expect(services[1]).toMatchObject({ rate: 4, errors: 0.25, p95: 0.2, up: undefined });
    expect(services[2]).toMatchObject({ errors: 0, p95: undefined, trend: [[1000, 3], [2000, 4]] });
  });
});
