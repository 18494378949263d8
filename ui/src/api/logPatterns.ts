import { type Answer, send } from '@/api/http';

/** What many lines have in common; `<_>` stands for what differs. The text is a filter: |> `text`. */
export interface LogPattern {
  pattern: string;
  /** The level that most lines have, "" when none is known. */
  level: string;
  /** [seconds since the epoch, lines] */
  samples: [number, number][];
}

export interface LogPatterns {
  patterns: LogPattern[];
  /** What the answer leaves out, when it does. */
  warnings: string[];
}

/** The patterns of a log query's lines over [from, to] (ms), most lines first; found in at most lineLimit lines, spread over the range. */
export async function logPatterns(query: string, from: number, to: number, stepSeconds: number, signal?: AbortSignal, lineLimit?: number): Promise<LogPatterns> {
  const answer: Answer<{ data: LogPattern[]; warnings?: string[] }> = await send('/loki/api/v1/patterns', {
    query: { query, start: `${Math.floor(from)}000000`, end: `${Math.floor(to)}000000`, step: `${stepSeconds}s`, line_limit: lineLimit },
    signal,
  });
  return { patterns: answer.data.data, warnings: answer.data.warnings ?? [] };
}
