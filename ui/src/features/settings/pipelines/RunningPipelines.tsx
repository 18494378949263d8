import { useQuery } from '@tanstack/react-query';
import { listPipelines, type RunningPipeline } from '@/api/pipelines';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { formatAgo } from '@/lib/timeRange';
import shared from '../settings.module.css';
import classes from './pipelines.module.css';

const refreshMs = 5000;

/** The pipelines that run, with what came in and went out since they began. */
export function RunningPipelines() {
  const pipelines = useQuery({ queryKey: ['pipelines'], queryFn: ({ signal }) => listPipelines(signal), refetchInterval: refreshMs });
  return (
    <Panel title="Running pipelines" flush>
      <QueryView
        query={pipelines}
        errorTitle="The pipelines could not be listed"
        isEmpty={(list) => list.length === 0}
        empty={
          <p className={classes.none} data-state="empty">
            None. Name Logstash configurations under <span className="mono">pipelines:</span> in pharos.yml to run them; try them below first.
          </p>
        }
      >
        {(list) => <PipelineTable pipelines={list} />}
      </QueryView>
    </Panel>
  );
}

function PipelineTable({ pipelines }: { pipelines: readonly RunningPipeline[] }) {
  const now = Date.now();
  return (
    <div className={shared.scroll}>
      <table className={shared.table}>
        <thead>
          <tr>
            <th scope="col">Pipeline</th>
            <th scope="col">Way</th>
            <th scope="col" className={classes.number}>In</th>
            <th scope="col" className={classes.number}>Dropped</th>
            <th scope="col" className={classes.number}>Out</th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {pipelines.map((pipeline) => (
            <tr key={pipeline.id}>
              <td>
                {pipeline.id}
                <div className="mono faint">{pipeline.source}</div>
                {pipeline.failing !== undefined && <div className={classes.failing}>{pipeline.failing}</div>}
              </td>
              <td className="mono dim">{wayOf(pipeline)}</td>
              <td className={classes.number}>{pipeline.in.toLocaleString('en')}</td>
              <td className={classes.number}>{pipeline.dropped.toLocaleString('en')}</td>
              <td className={classes.number}>{pipeline.out.toLocaleString('en')}</td>
              <td className="num">{formatAgo(Date.parse(pipeline.since), now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The types of its plugins, from inputs to outputs. */
function wayOf({ inputs, filters, outputs }: RunningPipeline): string {
  return [inputs, filters, outputs].map((part) => (part ?? []).join(', ')).filter((part) => part !== '').join(' → ');
}
