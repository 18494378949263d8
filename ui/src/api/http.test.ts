import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, buildPath, errorFromBody, send } from '@/api/http';

describe('errorFromBody', () => {
  it.each([
    ['ours', 409, '{"error":{"code":"last_admin","message":"no","hint":"make another"}}', ['last_admin', 'no', 'make another']],
    ['Prometheus', 400, '{"status":"error","errorType":"bad_data","error":"1:4: parse error"}', ['bad_data', '1:4: parse error', undefined]],
    ['Loki', 400, 'parse error at line 1, col 2\n', ['http_400', 'parse error at line 1, col 2', undefined]],
    ['Jaeger', 404, '{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}', ['http_404', 'trace not found', undefined]],
    ['Alertmanager', 400, '"bad matcher"', ['http_400', 'bad matcher', undefined]],
    ['Alertmanager’s validation', 422, '{"code":602,"message":"endsAt is required"}', ['http_422', 'endsAt is required', undefined]],
    ['a proxy', 502, '<html>oops</html>', ['http_502', 'Bad Gateway', undefined]],
    ['nobody', 503, '', ['http_503', 'Bad Gateway', undefined]],
  ])('reads the shape of %s', (_, status, body, [code, message, hint]) => {
    const error = errorFromBody(status, 'Bad Gateway', body);
    expect([error.kind, error.status, error.code, error.message, error.hint]).toEqual(['http', status, code, message, hint]);
  });
});

describe('buildPath', () => {
  it('repeats lists and leaves out what is undefined', () => {
    expect(buildPath('/x', { a: 1, b: undefined, 'match[]': ['{a="b"}', 'up'] })).toBe('/x?a=1&match%5B%5D=%7Ba%3D%22b%22%7D&match%5B%5D=up');
  });
});

describe('send', () => {
  afterEach(() => vi.unstubAllGlobals());

  const answer = (status: number, body: string) => vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));

  it('says that the server cannot be reached', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(send('/x')).rejects.toMatchObject({ kind: 'network', code: 'unreachable' });
  });

  it('tells a cancelled request from a slow one', async () => {
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => new Promise((_resolve, reject) => init.signal?.addEventListener('abort', () => reject(new DOMException('x', 'AbortError')))));
    const abort = new AbortController();
    const cancelled = send('/x', { signal: abort.signal });
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ kind: 'aborted' });
    await expect(send('/x', { timeoutMs: 5 })).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('refuses an answer that is no JSON', async () => {
    answer(200, 'hello');
    await expect(send('/x')).rejects.toMatchObject({ kind: 'malformed' });
  });

  it('takes an empty answer', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 204 })));
    await expect(send('/x')).resolves.toMatchObject({ data: undefined });
  });

  it('throws what the server says', async () => {
    answer(400, 'nope');
    await expect(send('/x')).rejects.toBeInstanceOf(ApiError);
  });
});
