import { describe, expect, it } from 'vitest';
import { usableLinks } from '@/features/dashboards/PanelHeadings';
import { panelAddress } from '@/features/dashboards/PanelMenu';

describe('panelAddress', () => {
  it('shows the panel alone with the time and variables of now, and edits nothing', () => {
    expect(panelAddress('https://pharos.example/dashboards/x?from=now-1h&var-a=b&edit=2', '3@web')).toBe('https://pharos.example/dashboards/x?from=now-1h&var-a=b&panel=3%40web');
  });
});

describe('usableLinks', () => {
  it('replaces variables and leaves out what must not be followed', () => {
    const scope = { job: 'web', bad: 'javascript:alert(1)' };
    const facts = { range: { from: 'now-1h', to: 'now' }, variables: [], scope };
    expect(usableLinks([{ title: 'Of $job', url: '/dashboards/y?var-job=$job', targetBlank: true }, { title: 'x', url: '$bad' }, { title: 'empty' }], facts)).toEqual([{ title: 'Of web', href: '/dashboards/y?var-job=web', blank: true }]);
  });
});
