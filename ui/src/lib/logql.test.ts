import { describe, expect, it } from 'vitest';
import { addFilter, isMetricQuery, searchedTexts, volumeQuery } from '@/lib/logql';

describe('isMetricQuery', () => {
  it.each([
    ['{app="x"}', false],
    ['  ( {app="x"} |= "sum(" )', false],
    ['# rate of errors\n{app="x"}', false],
    ['sum by (level) (rate({app="x"}[1m]))', true],
    ['', false],
  ])('%s', (query, metric) => {
    expect(isMetricQuery(query)).toBe(metric);
  });
});

describe('addFilter', () => {
  it('matches labels in the selector', () => {
    expect(addFilter('{app="x"} |= "a"', 'level', '=', 'error', 'label')).toBe('{app="x", level="error"} |= "a"');
    expect(addFilter('', 'level', '=', 'error', 'label')).toBe('{level="error"}');
  });

  it('is not misled by braces in strings', () => {
    expect(addFilter('{app="a}b", c=~`x{2}`} |= "{"', 'level', '=', 'error', 'label')).toBe('{app="a}b", c=~`x{2}`, level="error"} |= "{"');
  });

  it('keeps what is there already, and replaces its opposite', () => {
    expect(addFilter('{app="x"}', 'app', '=', 'x', 'label')).toBe('{app="x"}');
    expect(addFilter('{app="x", level!="info"}', 'level', '=', 'info', 'label')).toBe('{app="x", level="info"}');
    expect(addFilter('{app=~".+"}', 'app', '=', 'x', 'label')).toBe('{app="x"}');
    expect(addFilter('{app=~".+"}', 'app', '!=', 'x', 'label')).toBe('{app=~".+", app!="x"}');
    expect(addFilter('{app="x"} | user!="7"', 'user', '=', '7', 'metadata')).toBe('{app="x"} | user="7"');
  });

  it('leaves commas and braces inside values alone', () => {
    expect(addFilter('{app=~"a,b{1}"}', 'env', '=', 'dev', 'label')).toBe('{app=~"a,b{1}", env="dev"}');
  });

  it('filters other fields behind the pipeline, once parsed', () => {
    expect(addFilter('{app="x"}', 'user_id', '=', '7', 'json')).toBe('{app="x"} | json | user_id="7"');
    expect(addFilter('{app="x"} | json | line_format "{{.a}}"', 'user_id', '!=', '7', 'json')).toBe('{app="x"} | json | line_format "{{.a}}" | user_id!="7"');
    expect(addFilter('{app="x"}', 'trace_id', '=', 'ab', 'metadata')).toBe('{app="x"} | trace_id="ab"');
  });

  it('filters inside a metric query, before its range', () => {
    expect(addFilter('sum(rate({app="x"} |= "a" [5m]))', 'user', '=', 'u', 'logfmt')).toBe('sum(rate({app="x"} |= "a" | logfmt | user="u" [5m]))');
  });

  it('does not take a string for a parser', () => {
    expect(addFilter('{app="x"} |= "| json"', 'a', '=', 'b', 'json')).toBe('{app="x"} |= "| json" | json | a="b"');
  });

  it('quotes what needs it', () => {
    expect(addFilter('{app="x"}', 'path', '=', 'C:\\tmp "a"', 'metadata')).toBe('{app="x"} | path=`C:\\tmp "a"`');
    expect(addFilter('{app="x"}', 'q', '=', 'a`"b', 'metadata')).toBe('{app="x"} | q="a`\\"b"');
  });
});

describe('volumeQuery', () => {
  it('counts the lines of the whole pipeline', () => {
    expect(volumeQuery('{app="x"} |= "a" ', 30)).toBe('sum by (level, detected_level, severity_text) (count_over_time({app="x"} |= "a" [30s]))');
  });
});

describe('searchedTexts', () => {
  it('are those that lines must hold', () => {
    expect(searchedTexts('{app="x"} |= "a \\"b\\"" != "c" |~ `d.+` | json')).toEqual([
      { text: 'a "b"', regexp: false },
      { text: 'd.+', regexp: true },
    ]);
  });
});
