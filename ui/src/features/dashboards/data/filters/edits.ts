/** A piece of text to put in at a position. */
export interface Edit {
  at: number;
  insert: string;
}

/** The text with its edits; positions are of the text before. */
export function edited(text: string, edits: readonly Edit[]): string {
  let out = text;
  for (const { at, insert } of edits.toSorted((a, b) => b.at - a.at)) out = out.slice(0, at) + insert + out.slice(at);
  return out;
}
