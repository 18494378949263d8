/** The address of a link that somebody wrote, if a reader may follow it: http, https, mailto, or a place of our own; undefined for any other, script addresses above all. */
export function safeHttp(url: string): string | undefined {
  // Browsers ignore control characters and leading spaces in a scheme: so must this.
  // eslint-disable-next-line no-control-regex
  const trimmed = url.replace(/[\u0000-\u001f\u007f]/g, '').trim();
  // A backslash counts as a slash to browsers: two of either lead to another host.
  if (trimmed === '' || trimmed.startsWith('\\') || /^\/[\\/]/.test(trimmed)) return undefined;
  if (!URL.canParse(trimmed, 'https://here.invalid/')) return undefined;
  if (/^(https?:\/\/|mailto:)/i.test(trimmed)) return trimmed;
  return /^[^/?#]*:/.test(trimmed) ? undefined : trimmed;
}

/** Whether a link that somebody wrote may lead there. */
export function isSafeUrl(url: string): boolean {
  return safeHttp(url) !== undefined;
}
