import { useState } from 'react';

/**
 * A text that is typed here and committed when the reader runs it or leaves the
 * field: a query is asked when it is written, not at every letter.
 */
export function useCommitted(value: string, onCommit: (text: string) => void): { text: string; setText: (text: string) => void; commit: (text?: string) => void } {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  return {
    text,
    setText,
    commit: (next = text) => {
      if (next !== value) onCommit(next);
    },
  };
}
