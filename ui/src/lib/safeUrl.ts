/** Whether a link that someone wrote may lead there: the web, mail, or a place of our own. */
export function isSafeUrl(url: string): boolean {
  // Browsers skip control characters and blanks inside a scheme.
  const plain = [...url].filter((char) => char.charCodeAt(0) > 32).join('');
  if (/^(https?:\/\/|mailto:)/i.test(plain)) return true;
  if (/^(\/\/|\/\\|\\)/.test(plain)) return false;
  return !/^[^/?#]*:/.test(plain);
}
