import { describe, expect, it } from 'vitest';
import { isSafeUrl } from '@/lib/safeUrl';

describe('isSafeUrl', () => {
  it.each([
    ['https://example.org', true],
    ['mailto:team@example.org', true],
    ['/dashboards/x?var-a=b:c', true],
    ['?from=now-1h', true],
    ['#part', true],
    ['d/x', true],
    ['javascript:alert(1)', false],
    ['java\nscript:alert(1)', false],
    ['\u0001javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['//evil.example', false],
    ['/\\evil.example', false],
    ['file:///etc/passwd', false],
  ])('%j: %s', (url, safe) => {
    expect(isSafeUrl(url)).toBe(safe);
  });
});
