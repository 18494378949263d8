import { describe, expect, it } from 'vitest';
import type { GettableAlert } from '@/api/alertmanager';
import { generatorExpression } from '@/features/alerts/FiringTab';
import { groupAlerts, searchAlerts } from '@/features/alerts/groupAlerts';

function alert(alertname: string, severity: string, startsAt: string, state: GettableAlert['status']['state'] = 'active'): GettableAlert {
  return {
    fingerprint: `${alertname}${startsAt}`, labels: { alertname, severity }, annotations: { summary: `${alertname} happens` },
    startsAt, endsAt: '', updatedAt: '', receivers: [], status: { state, silencedBy: [], inhibitedBy: [] },
  };
}

const all = [alert('Slow', 'warning', '2026-01-01T00:00:00Z'), alert('Down', 'critical', '2026-01-01T00:00:01Z'), alert('Slow', 'critical', '2026-01-01T00:00:02Z'), alert('Muted', 'critical', '2026-01-01T00:00:03Z', 'suppressed')];

describe('groupAlerts', () => {
  it('puts the worst first and what is silenced last', () => {
    expect(groupAlerts(all, 'alertname').map((group) => [group.key, group.alerts.map((one) => one.labels.severity)])).toEqual([
      ['Down', ['critical']],
      ['Slow', ['critical', 'warning']],
      ['Muted', ['critical']],
    ]);
    expect(groupAlerts(all, 'none')[0]?.alerts.at(-1)?.labels.alertname).toBe('Muted');
  });
});

describe('searchAlerts', () => {
  it('looks into labels and annotations', () => {
    expect(searchAlerts(all, 'severity=warning happens')).toHaveLength(1);
  });
});

describe('generatorExpression', () => {
  it('reads the link that Prometheus writes', () => {
    expect(generatorExpression('http://p/graph?g0.expr=up+%3D%3D+0&g0.tab=1')).toBe('up == 0');
    expect(generatorExpression('')).toBeUndefined();
  });
});
