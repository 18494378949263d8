import { Button, Modal, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { listDashboards } from '@/api/dashboards';
import { deleteReport, listReports, type Report, runReport, updateReport } from '@/api/reports';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { QueryView } from '@/components/QueryView';
import { Badge } from '@/components/ResultStatus';
import { done, failed } from '@/features/dashboards/failed';
import { ReportRuns, runState } from '@/features/dashboards/list/ReportRuns';
import { ReportForm } from '@/features/dashboards/share/ReportForm';
import { cronText } from '@/features/dashboards/share/cron';
import { without } from '@/lib/objects';
import classes from '../DashboardsPage.module.css';

/** Dashboards that go out by e-mail: when, to whom, and how the last time went. */
export function Reports({ canEdit }: { canEdit: boolean }) {
  const query = useQuery({ queryKey: ['reports'], queryFn: ({ signal }) => listReports(signal), refetchInterval: 30_000 });
  const names = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal) });
  const [edited, setEdited] = useState<Report>();
  const [told, setTold] = useState<Report>();
  return (
    <QueryView query={query} errorTitle="The reports could not be loaded" isEmpty={(data) => data.length === 0} empty={<EmptyState title="No reports" action={<LinkButton variant="default" place={{ to: '/dashboards', search: {} }}>Choose a dashboard</LinkButton>}>A report sends a dashboard by e-mail on a schedule. It is made in the dashboard’s menu: “Report by e-mail”.</EmptyState>}>
      {(reports) => (
        <>
          <div className={classes.tableHolder}>
            <table className={`${classes.table} ${classes.cards}`}>
              <thead>
                <tr>
                  <th>Report</th>
                  <th>Dashboard</th>
                  <th>When</th>
                  <th>To</th>
                  <th>Last sent</th>
                  {canEdit && <th>On</th>}
                  {canEdit && <th aria-label="Actions" />}
                </tr>
              </thead>
              <tbody>
                {reports.map((report) => (
                  <Row key={report.id} report={report} title={names.data?.dashboards.find((one) => one.uid === report.dashboard_uid)?.title ?? report.dashboard_uid} canEdit={canEdit} onEdit={() => setEdited(report)} onRuns={() => setTold(report)} />
                ))}
              </tbody>
            </table>
          </div>
          {told !== undefined && <ReportRuns report={told} onClose={() => setTold(undefined)} />}
          {edited !== undefined && (
            <Modal opened onClose={() => setEdited(undefined)} title={`Report ${edited.name}`} size="lg">
              <ReportForm id={edited.id} initial={draftOf(edited)} onClose={() => setEdited(undefined)} />
            </Modal>
          )}
        </>
      )}
    </QueryView>
  );
}

function draftOf(report: Report) {
  return { ...without(report, 'id', 'last_run', 'last_state', 'last_error', 'next_run', 'owner', 'attempts', 'retry_at', 'due'), variables: report.variables ?? {}, recipients: report.recipients ?? [] };
}

function Row({ report, title, canEdit, onEdit, onRuns }: { report: Report; title: string; canEdit: boolean; onEdit: () => void; onRuns: () => void }) {
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: ['reports'] });
  const run = useMutation({
    mutationFn: () => runReport(report.id),
    onSuccess: () => done(`“${report.name}” is on its way`),
    onError: failed(`“${report.name}” was not sent`),
    onSettled: again,
  });
  const toggle = useMutation({ mutationFn: (enabled: boolean) => updateReport(report.id, { ...draftOf(report), enabled }), onSettled: again, onError: failed('The report could not be changed') });
  const remove = useMutation({ mutationFn: () => deleteReport(report.id), onSettled: again, onError: failed('The report could not be deleted') });
  const recipients = report.recipients ?? [];
  const error = report.last_error ?? '';
  const state = runState(report.last_state);
  return (
    <tr>
      <td>
        <span>
          <strong>{report.name}</strong> <span className="faint">{report.format.toUpperCase()}</span>
        </span>
      </td>
      <td data-label="Dashboard">
        <Link to={'/dashboards/$uid' as string} params={{ uid: report.dashboard_uid } as never} search={{} as never}>
          {title}
        </Link>
      </td>
      <td data-label="When" title={`${report.schedule}, ${report.timezone}`}>{cronText(report.schedule) || <code className="mono">{report.schedule}</code>}</td>
      <td data-label="To" title={recipients.join('\n')}>{recipients.length <= 1 ? recipients[0] : `${recipients[0]} and ${recipients.length - 1} more`}</td>
      <td data-label="Last sent">
        {report.last_run === undefined || report.last_run.startsWith('0001') ? (
          <span className="faint">never</span>
        ) : (
          <span>
            <Age at={report.last_run} /> ago{' '}
            <Badge tone={state.tone} title={error || state.text}>
              {state.label}
            </Badge>
            {state.tone !== 'ok' && error !== '' && <span className={classes.rowText}>{error}</span>}
          </span>
        )}
      </td>
      {canEdit && (
        <td data-label="On">
          <Switch size="xs" aria-label={`${report.name} on`} checked={toggle.isPending ? toggle.variables : report.enabled} onChange={(event) => toggle.mutate(event.currentTarget.checked)} />
        </td>
      )}
      {canEdit && (
        <td>
          <span className={classes.lineEnd}>
            <Button variant="subtle" size="compact-xs" loading={run.isPending} onClick={() => run.mutate()}>
              Run now
            </Button>
            <Button variant="subtle" size="compact-xs" onClick={onRuns}>
              History
            </Button>
            <Button variant="subtle" size="compact-xs" onClick={onEdit}>
              Edit
            </Button>
            <Button variant="subtle" color="red" size="compact-xs" loading={remove.isPending} onClick={() => window.confirm(`Delete the report “${report.name}”?`) && remove.mutate()}>
              Delete
            </Button>
          </span>
        </td>
      )}
    </tr>
  );
}
