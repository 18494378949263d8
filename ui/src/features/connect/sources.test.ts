import { describe, expect, it } from 'vitest';
import { findSources, sources, targetOf } from '@/features/connect/sources';

const target = { url: 'https://p.example', host: 'p.example', port: '443', https: true, token: 'TOKEN' };

describe('sources', () => {
  it('have unique ids, and each snippet names the address or the token, or opens a port', () => {
    expect(new Set(sources.map((one) => one.id)).size).toBe(sources.length);
    for (const source of sources) {
      const texts = source.snippets.map((one) => one.text(target)).join('\n');
      if (source.snippets.length > 0) expect(texts, source.id).toMatch(/p\.example/);
      if (source.snippets.length > 0 && source.probe === undefined) expect(texts, source.id).toContain('TOKEN');
      expect(texts, source.id).not.toMatch(/undefined|\[object/);
    }
  });
  it('are found by other words too', () => {
    expect(findSources('elk').map((one) => one.id)).toContain('logstash');
    expect(findSources('helm logs').map((one) => one.id)).toEqual(['kubernetes']);
    expect(findSources('')).toHaveLength(sources.length);
  });
});

describe('targetOf', () => {
  it('reads addresses', () => {
    expect(targetOf(' http://127.0.0.1:8400/ ', 'x')).toEqual({ url: 'http://127.0.0.1:8400', host: '127.0.0.1', port: '8400', https: false, token: 'x' });
    expect(targetOf('https://p.example/base/', 'x')).toMatchObject({ url: 'https://p.example/base', port: '443', https: true });
  });
  it('refuses what is none', () => {
    for (const bad of ['', 'pharos', 'javascript:alert(1)', 'ftp://x']) expect(targetOf(bad, 'x'), bad).toBeUndefined();
  });
});
