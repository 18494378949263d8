/** The path to return to after signing in: only a path of our own, never another origin or the sign-in page. */
export function returnPath(raw: string | string[] | undefined): string {
  const text = Array.isArray(raw) ? raw[0] : raw;
  if (text === undefined || !text.startsWith('/') || /^\/[/\\]/.test(text) || text.startsWith('/sign-in')) return '/';
  return text;
}
