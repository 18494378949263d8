/** What may be completed at a position of a LogQL text, and where the typed part begins. */
export type CompletionPlace =
  | { kind: 'labelName'; from: number }
  | { kind: 'labelValue'; from: number; label: string; selector: string | undefined }
  | { kind: 'stage'; from: number }
  | { kind: 'start'; from: number }
  | { kind: 'none' };

/** Finds what the reader is typing at pos; understands strings, selectors, groupings and pipes. */
export function completionPlace(text: string, pos: number): CompletionPlace {
  const scan = scanTo(text, pos);
  if (scan.stringStart !== undefined) {
    if (!scan.inSelector) return { kind: 'none' };
    const before = text.slice(scan.selectorStart + 1, scan.stringStart - 1);
    const label = /([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*$/.exec(before)?.[1];
    if (label === undefined) return { kind: 'none' };
    return { kind: 'labelValue', from: scan.stringStart, label, selector: otherMatchers(before) };
  }
  const word = /\w*$/.exec(text.slice(0, pos))?.[0] ?? '';
  const from = pos - word.length;
  const head = text.slice(0, from).trimEnd();
  if (scan.inSelector) return /[{,]$/.test(head) ? { kind: 'labelName', from } : { kind: 'none' };
  if (/\b(?:by|without|on|ignoring)\s*\([^)]*$/.test(head)) return { kind: 'labelName', from };
  if (/\|$/.test(head)) return { kind: 'stage', from };
  if (head === '' || /[(+\-*/%,]$/.test(head)) return { kind: 'start', from };
  return { kind: 'none' };
}

interface Scan {
  inSelector: boolean;
  selectorStart: number;
  /** Just after the opening quote when pos is inside a string. */
  stringStart: number | undefined;
}

function scanTo(text: string, pos: number): Scan {
  let inSelector = false;
  let selectorStart = -1;
  let quote = '';
  let stringStart: number | undefined;
  for (let i = 0; i < pos; i++) {
    const c = text[i] ?? '';
    if (quote !== '') {
      if (c === '\\' && quote === '"') i++;
      else if (c === quote) {
        quote = '';
        stringStart = undefined;
      }
    } else if (c === '"' || c === '`') {
      quote = c;
      stringStart = i + 1;
    } else if (c === '{') {
      inSelector = true;
      selectorStart = i;
    } else if (c === '}') inSelector = false;
  }
  return { inSelector, selectorStart, stringStart };
}

/** The complete matchers before the one being typed, as a selector that narrows the values. */
function otherMatchers(before: string): string | undefined {
  const complete = before.match(/[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`)/g);
  return complete === null ? undefined : `{${complete.join(', ')}}`;
}
