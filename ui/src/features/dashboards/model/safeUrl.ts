/** A link that a reader may follow: http, https, mailto, or a place of our own; undefined for any other, script addresses above all. */
export function safeHttp(url: string): string | undefined {
  // Browsers ignore control characters and leading spaces in a scheme: so must this.
  // eslint-disable-next-line no-control-regex
  const trimmed = url.replace(/[\u0000-\u001f\u007f]/g, '').trim();
  if (trimmed === '' || /^[\\/]{2}/.test(trimmed) || trimmed.startsWith('/\\')) return undefined;
  if (/^(https?:\/\/|mailto:)/i.test(trimmed)) return trimmed;
  return /^[^/?#]*:/.test(trimmed) ? undefined : trimmed;
}
