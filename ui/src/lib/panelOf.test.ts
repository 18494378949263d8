import { expect, it } from 'vitest';
import { newDashboard, panelOf, withPanel } from '@/lib/panelOf';

it('puts a panel below all others, with an id of its own', () => {
  const dashboard = { ...newDashboard('D'), panels: [{ id: 3, gridPos: { x: 0, y: 4, w: 12, h: 8 } }, { id: 9, panels: [{ id: 20 }], gridPos: { x: 0, y: 12, w: 24, h: 1 } }] };
  const next = withPanel(dashboard, panelOf('prometheus', 'rate(http_requests_total[5m])', 'Requests', { uid: 'm', type: 'prometheus' }));
  expect(next.panels).toHaveLength(3);
  expect(next.panels?.[2]).toMatchObject({ id: 21, type: 'timeseries', gridPos: { x: 0, y: 13, w: 12, h: 9 }, targets: [{ expr: 'rate(http_requests_total[5m])' }], fieldConfig: { defaults: { unit: 'ops' } } });
});

it('draws lines as lines and counts of lines as a graph', () => {
  expect(panelOf('loki', '{a="b"}', 'x', undefined).type).toBe('logs');
  expect(panelOf('loki', 'sum(rate({a="b"}[5m]))', 'x', undefined).type).toBe('timeseries');
});
