import { useQuery } from '@tanstack/react-query';
import { explainQuery, type PlanNode } from '@/api/loki';
import { EmptyState } from '@/components/EmptyState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { Badge, ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { formatMicros } from '@/lib/duration';
import { stepFor } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';
import classes from './LogPlan.module.css';
import { planRows } from './plan';

const maxPoints = 300;
const limit = 500;

/** What the store answers of a query by itself, what is left to be evaluated, and where the time goes. */
export function LogPlan({ query, order }: { query: string; order: 'newest' | 'oldest' }) {
  const { resolved } = useTimeRange();
  const direction = order === 'newest' ? 'backward' : 'forward';
  const step = stepFor(resolved, maxPoints);
  const result = useQuery({
    queryKey: ['log-plan', query, resolved.from, resolved.to, step, direction],
    queryFn: async ({ signal }) => (await explainQuery({ query, from: resolved.from, to: resolved.to, step, limit, direction }, signal)) ?? null,
  });
  if (result.isError) {
    return (
      <Panel title="Plan">
        <p role="status" className={classes.failed}>
          A query that fails has no plan. The reason is below.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Plan" flush aside={result.data && <ResultStatus loading={result.isFetching} warnings={[]} tookMs={result.data.seconds * 1000} />}>
      <QueryView
        query={result}
        errorTitle="The query could not be evaluated"
        isEmpty={(plan) => plan === null}
        empty={<EmptyState title="The server told no plan">It may be older than this page.</EmptyState>}
      >
        {(plan) => plan && <PlanTable plan={plan} />}
      </QueryView>
    </Panel>
  );
}

function PlanTable({ plan }: { plan: PlanNode }) {
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Steps of the plan">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" className={classes.number}>
              Counted
            </th>
            <th scope="col" className={classes.number}>
              Read
            </th>
            <th scope="col" className={classes.number}>
              Bytes
            </th>
            <th scope="col" className={classes.number}>
              Returned
            </th>
            <th scope="col" className={classes.number}>
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {planRows(plan).map(({ key, depth, node }) => (
            <tr key={key}>
              <td>
                <div style={{ paddingLeft: depth * 16 }}>
                  <span className={depth === 0 || node.what.includes('{') ? 'mono' : classes.step}>{node.what}</span> <Origin node={node} />
                  {node.store !== undefined && <Detail name="store" text={node.store} />}
                  {node.pipeline !== undefined && <Detail name="then" text={node.pipeline} />}
                </div>
              </td>
              <td className={classes.number}>{count(node.entriesCounted)}</td>
              <td className={classes.number}>{count(node.entriesRead)}</td>
              <td className={classes.number}>{node.bytesRead > 0 ? formatValue(node.bytesRead, 'bytes', 3) : ''}</td>
              <td className={classes.number}>{count(node.returned)}</td>
              <td className={classes.number}>{formatMicros(node.seconds * 1e6)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where a result came from, when it was not all computed for this query. */
function Origin({ node }: { node: PlanNode }) {
  const cached = node.cached ?? 0;
  return (
    <>
      {cached > 0 && <Badge tone="ok">{`${cached} of ${cached + (node.computed ?? 0)} steps cached`}</Badge>}
      {node.shared === true && <Badge tone="quiet">shared</Badge>}
    </>
  );
}

function Detail({ name, text }: { name: string; text: string }) {
  return (
    <div className={classes.detail}>
      <span className={classes.name}>{name}</span> <span className="mono">{text}</span>
    </div>
  );
}

function count(n: number): string {
  return n > 0 ? n.toLocaleString('en-US') : '';
}
