import { describe, expect, it } from 'vitest';
import { groupOf } from './askSpans';
import { present, worsened } from './spanServices';
import { replaced, slowerOf, unseenErrors, versionChanges, withoutRepeats } from './spans';

const over = { from: 0, to: 600_000 };
const group = (value: number, labels: Record<string, string>) => ({ value, labels: { 'resource.service.name': 'shop', ...labels } });

describe('changes by spans', () => {
  it('reads labels; what is missing is empty', () => {
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    expect(groupOf({ labels: [text('name', 'GET /'), text('event.exception.type', 'nil'), { key: 'resource.process.pid', value: { intValue: '7' } }], value: 3 })).toEqual({
      labels: { name: 'GET /', 'event.exception.type': '', 'resource.process.pid': '7' },
      value: 3,
    });
  });
  it('finds slower operations, not rare, fast or new ones', () => {
    const p95 = [group(0.4, { name: 'slow', p: '0.95' }), group(0.4, { name: 'rare' }), group(0.04, { name: 'fast' }), group(0.4, { name: 'new' }), group(0.13, { name: 'alike' })];
    const counts = [group(10, { name: 'slow' }), group(9, { name: 'rare' }), group(99, { name: 'fast' }), group(99, { name: 'new' }), group(99, { name: 'alike' })];
    const was = [group(0.1, { name: 'slow', p: '0.95' }), group(0.1, { name: 'rare' }), group(0.01, { name: 'fast' }), group(0.1, { name: 'alike' })];
    const found = slowerOf(p95, counts, was, over);
    expect(found.map(({ subject, detail }) => [subject, detail])).toEqual([['shop slow', 'p95 400 ms, was 100 ms (+300 %)']]);
    expect(found[0]?.place.search.traceql).toBe('{ resource.service.name = "shop" && name = "slow" && duration > 100ms }');
  });
  it('tells errors by service, operation and exception', () => {
    const now = [group(2, { name: 'a', 'event.exception.type': 'Timeout' }), group(5, { name: 'b', 'event.exception.type': '' }), group(9, { name: 'c', 'event.exception.type': 'Old' }), group(0, { name: 'd', 'event.exception.type': '' })];
    const then = [group(1, { name: 'c', 'event.exception.type': 'Old' }), group(1, { name: 'a', 'event.exception.type': 'Other' })];
    expect(unseenErrors(now, then, over).map(({ detail }) => detail)).toEqual(['5 × failed calls in b', '2 × Timeout in a']);
  });
  it('tells deploys by versions of services that were there', () => {
    const v = 'resource.service.version';
    expect(versionChanges([group(1, { [v]: '2' }), group(1, { [v]: '1' }), { value: 1, labels: { 'resource.service.name': 'new', [v]: '1' } }], [group(1, { [v]: '1' })], over).map(({ subject, detail }) => [subject, detail])).toEqual([['shop', 'version 2, was 1']]);
    expect(versionChanges([group(1, { [v]: '1' })], [group(1, { [v]: '1' }), group(1, { [v]: '0' })], over)).toEqual([]);
  });
  it('tells restarts by instances that went and came', () => {
    const pod = (name: string) => group(1, { 'resource.k8s.pod.name': name });
    expect(replaced([pod('b')], [pod('a')], over)[0]?.detail).toBe('restarted (by its spans)');
    expect(replaced([pod('a'), pod('c')], [pod('a'), pod('b')], over)[0]?.detail).toBe('1 of 2 instances restarted (by its spans)');
    expect(replaced([pod('a'), pod('b')], [pod('a')], over)).toEqual([]);
    expect(replaced([group(1, {})], [pod('a')], over)).toEqual([]);
  });
  it('tells services that came and went, by enough spans', () => {
    const of = (name: string, value: number) => ({ labels: { 'resource.service.name': name }, value });
    expect(present([of('a', 5), of('new', 1)], [of('a', 9), of('gone', 20), of('rare', 3)], over).map(({ kind, subject }) => [kind, subject])).toEqual([['appeared', 'new'], ['gone', 'gone']]);
  });
  it('tells services that fail more often', () => {
    const of = (name: string, value: number) => ({ labels: { 'resource.service.name': name }, value });
    const failed = [of('worse', 10), of('alike', 10), of('rare', 3), of('fresh', 20)];
    const found = worsened({ calls: [of('worse', 100), of('alike', 100), of('rare', 9), of('fresh', 100)], failed }, { calls: [of('worse', 100), of('alike', 100)], failed: [of('worse', 1), of('alike', 8)] }, over);
    expect(found.map(({ subject, detail }) => [subject, detail])).toEqual([['worse', 'failed calls 10 %, was 1 % (10×)'], ['fresh', 'failed calls 20 %']]);
  });
  it('says once what metrics and spans both say', () => {
    const place = { to: '/', search: {} };
    const one = (kind: 'slower' | 'errors', subject: string, detail: string) => ({ kind, subject, detail, place });
    expect(withoutRepeats([one('slower', 'shop GET /', 'p95 1'), one('slower', 'shop get /', 'p95 2'), one('errors', 'shop', 'a'), one('errors', 'shop', 'b')])).toHaveLength(3);
  });
});
