import { describe, expect, it } from 'vitest';
import { appHref } from '@/features/dashboards/model/href';
import type { Datasource } from '@/api/dashboards';

const loki: Datasource = { uid: 'l1', name: 'Loki', type: 'loki', dialect: 'loki', default: false };

describe('appHref', () => {
  it.each([
    ['https://example.org/a?b=c', 'https://example.org/a?b=c'],
    ['mailto:ops@example.org', 'mailto:ops@example.org'],
    ['/d/abc/some-name?var-x=1&from=now-1h', '/dashboards/abc?var-x=1&from=now-1h'],
    ['d/abc/some-name', '/dashboards/abc'],
    ['/d/abc?viewPanel=panel-7&var-x=1', '/dashboards/abc?var-x=1&panel=7'],
    ['/alerts', '/alerts'],
    ['?var-x=2', '?var-x=2'],
    ['/explore?left=' + encodeURIComponent('{"datasource":"l1","queries":[{"expr":"{a=\\"b\\"}"}],"range":{"from":"now-1h","to":"now"}}'), '/explore?tab=logs&logql=%7Ba%3D%22b%22%7D&from=now-1h&to=now'],
    ['/explore?left=' + encodeURIComponent('["now-1h","now","prom",{"expr":"up"}]'), '/explore?tab=metrics&expr=up&from=now-1h&to=now'],
    ['/explore?panes=' + encodeURIComponent('{"x":{"datasource":"l1","queries":[{"expr":"{a=\\"b\\"}"}]}}'), '/explore?tab=logs&logql=%7Ba%3D%22b%22%7D'],
    ['/explore?left=nonsense', '/explore?left=nonsense'],
    ['javascript:alert(1)', undefined],
    [' java\tscript:alert(1)', undefined],
    ['\u0001javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['vbscript:x', undefined],
    ['//evil.example', undefined],
    ['\\\\evil.example', undefined],
    ['/\\evil.example', undefined],
    ['', undefined],
  ])('%s', (url, want) => {
    expect(appHref(url, [loki])).toBe(want);
  });
});
