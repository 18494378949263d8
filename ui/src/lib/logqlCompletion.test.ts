import { describe, expect, it } from 'vitest';
import { completionPlace } from '@/lib/logqlCompletion';

/** The place at the ^ of a text. */
function at(text: string) {
  const pos = text.indexOf('^');
  return completionPlace(text.replace('^', ''), pos);
}

describe('completionPlace', () => {
  it('offers label names in a selector', () => {
    expect(at('{^')).toEqual({ kind: 'labelName', from: 1 });
    expect(at('{app="x", na^')).toEqual({ kind: 'labelName', from: 10 });
    expect(at('{app="x"^')).toEqual({ kind: 'none' });
  });

  it('offers values between quotes, narrowed by the other matchers', () => {
    expect(at('{app="^"}')).toEqual({ kind: 'labelValue', from: 6, label: 'app', selector: undefined });
    expect(at('{env="prod", app=~"we^"}')).toEqual({ kind: 'labelValue', from: 19, label: 'app', selector: '{env="prod"}' });
  });

  it('offers label names of groupings', () => {
    expect(at('sum by (le^')).toEqual({ kind: 'labelName', from: 8 });
  });

  it('offers stages behind a pipe and functions at the start', () => {
    expect(at('{app="x"} | js^')).toEqual({ kind: 'stage', from: 12 });
    expect(at('ra^')).toEqual({ kind: 'start', from: 0 });
    expect(at('sum(ra^')).toEqual({ kind: 'start', from: 4 });
  });

  it('is silent in line filters', () => {
    expect(at('{app="x"} |= "err^"')).toEqual({ kind: 'none' });
  });
});
