import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type Report, type ReportRun, reportRuns } from '@/api/reports';
import { EmptyState } from '@/components/EmptyState';
import { QueryView } from '@/components/QueryView';
import { Badge } from '@/components/ResultStatus';
import { formatMicros } from '@/lib/duration';
import { formatDateTime } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';
import classes from '../DashboardsPage.module.css';

interface State {
  tone: 'ok' | 'warn' | 'bad';
  label: string;
  text: string;
}

const failedState: State = { tone: 'bad', label: 'failed', text: 'It was not sent' };

const states: Record<string, State> = {
  ok: { tone: 'ok', label: 'sent', text: 'It was sent' },
  retrying: { tone: 'warn', label: 'trying again', text: 'It was not sent yet' },
  missed: { tone: 'warn', label: 'missed', text: 'Nothing ran around its time' },
  failed: failedState,
};

/** What the server says of an attempt, in words. */
export function runState(state: string | undefined): State {
  return states[state ?? 'ok'] ?? failedState;
}

/** The last attempts to send a report, with what went wrong. */
export function ReportRuns({ report, onClose }: { report: Report; onClose: () => void }) {
  const query = useQuery({ queryKey: ['report-runs', report.id], queryFn: ({ signal }) => reportRuns(report.id, signal), refetchInterval: 10_000 });
  const retry = report.last_state === 'retrying' && report.retry_at !== undefined ? `The next attempt is at ${formatDateTime(Date.parse(report.retry_at))}.` : undefined;
  return (
    <Modal opened onClose={onClose} title={`History of ${report.name}`} size="xl">
      {retry !== undefined && <p className="dim" style={{ marginTop: 0 }}>{retry}</p>}
      <QueryView query={query} errorTitle="The history could not be loaded" isEmpty={(data) => data.length === 0} empty={<EmptyState title="Never sent">“Run now” sends it at once.</EmptyState>}>
        {(runs) => (
          <div className={classes.tableHolder}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th>When</th>
                  <th>Result</th>
                  <th data-number>Attempt</th>
                  <th data-number>Took</th>
                  <th data-number>Size</th>
                  <th>By</th>
                </tr>
              </thead>
              <tbody>
                {runs.map((run, index) => (
                  <RunRow key={`${run.at} ${index}`} run={run} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </QueryView>
    </Modal>
  );
}

function RunRow({ run }: { run: ReportRun }) {
  const state = runState(run.state);
  return (
    <tr>
      <td className="num" style={{ whiteSpace: 'nowrap' }}>
        {formatDateTime(Date.parse(run.at))}
      </td>
      <td>
        <Badge tone={state.tone} title={state.text}>
          {state.label}
        </Badge>
        {run.error !== undefined && <div className="dim" style={{ fontSize: 12.5, overflowWrap: 'anywhere', maxWidth: 420 }}>{run.error}</div>}
      </td>
      <td data-number>{run.attempt ?? ''}</td>
      <td data-number>{run.state === 'missed' ? '' : formatMicros(run.took_ms * 1000)}</td>
      <td data-number>{run.bytes === undefined ? '' : formatValue(run.bytes, 'bytes', 3)}</td>
      <td>{run.by ?? 'schedule'}</td>
    </tr>
  );
}
