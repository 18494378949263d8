import { useQuery } from '@tanstack/react-query';
import { tempoTagNames } from '@/api/tempo';
import { Refused } from '@/components/querybuilder/Refused';
import { TraceSpansParts } from '@/components/querybuilder/TraceSpansParts';
import { TraceStages } from '@/components/querybuilder/TraceStages';
import { useVisual } from '@/components/querybuilder/useVisual';
import { traceqlIntrinsics } from '@/lib/traceql';
import { renderTraceql } from '@/lib/traceqlBuilder';
import { parseTraceql } from '@/lib/traceqlReader';
import classes from './builder.module.css';

interface TraceBuilderProps {
  value: string;
  /** The path before the server's Tempo API. */
  base?: string;
  onChange: (query: string) => void;
}

/** Only for those who know how spans are numbered in their tree. */
const rare = /^(nestedSet|parent$)/;

/** Writes TraceQL for people who do not know it: conditions on spans, how spans relate, what is counted of them. */
export function TraceBuilder({ value, base = '', onChange }: TraceBuilderProps) {
  const { result, change } = useVisual(value, parseTraceql, renderTraceql, onChange);
  const found = useQuery({ queryKey: ['trace-fields', base], queryFn: ({ signal }) => tempoTagNames(base, signal), staleTime: 60_000, retry: false });
  if (!('visual' in result)) return <Refused {...result} query={value} />;
  const { visual } = result;
  const names = [...new Set([...(found.data ?? []).filter((one) => one.includes('.')), ...traceqlIntrinsics.filter((one) => !rare.test(one))])];
  const source = { names, base };
  return (
    <div className={classes.builder}>
      <div className={classes.builder}>
        <p className={classes.title} style={{ margin: 0 }}>
          Spans
        </p>
        <TraceSpansParts spans={visual.spans} source={source} onChange={(spans) => change({ ...visual, spans })} />
      </div>
      <TraceStages stages={visual.stages} source={source} onChange={(stages) => change({ ...visual, stages })} />
      {found.isError && <p className={classes.refused}>The fields of spans could not be loaded; they can be typed.</p>}
      {value !== '' && <pre className={classes.text}>{value}</pre>}
    </div>
  );
}
