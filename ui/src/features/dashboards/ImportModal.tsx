import { Button, Checkbox, FileButton, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type CheckedDashboard, checkDashboards } from '@/api/dashboardCheck';
import { createDashboard, type DashboardSummary } from '@/api/dashboards';
import { Notice } from '@/components/Notice';
import { CheckFindings } from '@/features/dashboards/list/CheckFindings';
import { FolderSelect } from '@/features/dashboards/edit/FolderSelect';
import { describeError, done } from '@/features/dashboards/failed';
import { type Candidate, candidatesOf, sizeLimit } from '@/features/dashboards/list/importFiles';
import classes from './DashboardsPage.module.css';

type Outcome = { made: DashboardSummary } | { error: string };

/** Imports dashboards from Grafana's JSON: files, or pasted text; says first what will not be shown. */
export function ImportModal({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [files, setFiles] = useState<{ name: string; text: string }[]>([]);
  const [pasted, setPasted] = useState('');
  const [folder, setFolder] = useState('');
  const [overwrite, setOverwrite] = useState(false);
  const [over, setOver] = useState(false);
  const [skipped, setSkipped] = useState<ReadonlySet<number>>(new Set());
  const [outcomes, setOutcomes] = useState<ReadonlyMap<number, Outcome>>(new Map());
  const candidates = useMemo<Candidate[]>(() => [...files.flatMap((file) => candidatesOf(file.name, file.text)), ...(pasted.trim() === '' ? [] : candidatesOf('pasted text', pasted))], [files, pasted]);
  // The server says what would not render: it knows the data sources and reads the queries.
  const [generation, setGeneration] = useState(0);
  const whole = candidates.flatMap((one) => (one.dashboard === undefined ? [] : [{ file: one.from, dashboard: one.dashboard }]));
  const check = useQuery({ queryKey: ['dashboard-check', generation], queryFn: ({ signal }) => checkDashboards(whole, signal), enabled: whole.length > 0, staleTime: Infinity, gcTime: 0, retry: false });
  const reports = new Map<Candidate, CheckedDashboard>();
  const checked = check.data ?? [];
  candidates.filter((one) => one.dashboard !== undefined).forEach((one, index) => {
    const report = checked[index];
    if (checked.length === whole.length && report !== undefined) reports.set(one, report);
  });
  const ready = candidates.flatMap((one, index) => (one.dashboard !== undefined && !skipped.has(index) && !(outcomes.has(index) && 'made' in (outcomes.get(index) ?? {})) ? [{ one, index }] : []));
  const read = async (list: readonly File[]) => {
    const texts = await Promise.all(list.map(async (file) => ({ name: file.name, text: file.size > sizeLimit ? ' '.repeat(sizeLimit + 1) : await file.text() })));
    setOutcomes(new Map());
    setSkipped(new Set());
    setGeneration((before) => before + 1);
    setFiles(texts);
  };
  const run = useMutation({
    mutationFn: async () => {
      const results = new Map(outcomes);
      for (const { one, index } of ready) {
        try {
          results.set(index, { made: await createDashboard(one.dashboard, folder, overwrite) });
        } catch (error) {
          results.set(index, { error: describeError(error) });
        }
        setOutcomes(new Map(results));
      }
      return results;
    },
    onSuccess: async (results) => {
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      const made = [...results.values()].flatMap((one) => ('made' in one ? [one.made] : []));
      for (const one of made) client.removeQueries({ queryKey: ['dashboard', one.uid] });
      if (made.length < results.size) return;
      done(made.length === 1 ? `“${made[0]?.title ?? ''}” imported` : `${made.length} dashboards imported`);
      onClose();
      if (made.length === 1) await navigate({ to: `/dashboards/${encodeURIComponent(made[0]?.uid ?? '')}` as never });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Import dashboards" size="lg">
      <Stack gap="sm">
        <div
          className={classes.dropzone}
          data-over={over}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void read([...event.dataTransfer.files]);
          }}
        >
          Drop Grafana’s JSON files here, or{' '}
          <FileButton multiple accept="application/json,.json" onChange={(list) => void read(list)}>
            {(props) => (
              <Button {...props} variant="default" size="compact-sm">
                choose files
              </Button>
            )}
          </FileButton>
        </div>
        <Textarea size="xs" label="or paste the JSON" autosize minRows={3} maxRows={10} value={pasted} onChange={(event) => { setOutcomes(new Map()); setGeneration((before) => before + 1); setPasted(event.currentTarget.value); }} styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} spellCheck={false} />
        {check.isError && <Notice tone="bad" messages={[`The dashboards could not be checked: ${describeError(check.error)} They can be imported all the same.`]} />}
        {reports.size > 1 && <CheckSummary reports={[...reports.values()]} />}
        {candidates.length > 0 && (
          <ul className={classes.candidates} aria-label="Found">
            {candidates.map((one, index) => (
              <CandidateRow
                key={index}
                candidate={one}
                outcome={outcomes.get(index)}
                report={reports.get(one)}
                checking={check.isFetching}
                chosen={!skipped.has(index)}
                onChoose={(on) =>
                  setSkipped((before) => {
                    const next = new Set(before);
                    if (on) next.delete(index);
                    else next.add(index);
                    return next;
                  })
                }
              />
            ))}
          </ul>
        )}
        <Group align="end" gap="md">
          <FolderSelect value={folder} onChange={setFolder} />
          <Checkbox size="xs" label="Replace dashboards with the same uid" checked={overwrite} onChange={(event) => setOverwrite(event.currentTarget.checked)} mb={6} />
        </Group>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {outcomes.size > 0 ? 'Close' : 'Cancel'}
          </Button>
          <Button loading={run.isPending} disabled={ready.length === 0} onClick={() => run.mutate()}>
            {ready.length > 1 ? `Import ${ready.length} dashboards` : 'Import'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What comes of all of them together. */
function CheckSummary({ reports }: { reports: readonly CheckedDashboard[] }) {
  const sum = (of: (one: CheckedDashboard) => number) => reports.reduce((total, one) => total + of(one), 0);
  return (
    <p className="dim num" style={{ margin: 0, fontSize: 12.5 }}>
      {reports.length} dashboards: {sum((one) => one.rendered ?? 0)} of {sum((one) => one.panels ?? 0)} panels render.
    </p>
  );
}

interface CandidateRowProps {
  candidate: Candidate;
  outcome: Outcome | undefined;
  report: CheckedDashboard | undefined;
  checking: boolean;
  chosen: boolean;
  onChoose: (on: boolean) => void;
}

function CandidateRow({ candidate, outcome, report, checking, chosen, onChoose }: CandidateRowProps) {
  const { title, panels, problem, from } = candidate;
  return (
    <li>
      <span className={classes.candidate}>
        <Checkbox size="xs" aria-label={`Import ${title}`} disabled={problem !== undefined} checked={problem === undefined && chosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
        <span title={from}>{title}</span>
        <span className="dim num">{problem !== undefined ? '' : report?.panels === undefined ? `${panels} panels${checking ? ', checking…' : ''}` : `${report.rendered ?? 0} of ${report.panels} panels render`}</span>
      </span>
      {problem !== undefined && <span className={classes.findings} style={{ color: 'var(--bad)' }}>{problem}</span>}
      {report !== undefined && <CheckFindings report={report} />}
      {outcome !== undefined && (
        <span className={classes.findings} style={{ color: 'made' in outcome ? 'var(--ok)' : 'var(--bad)' }}>
          {'made' in outcome ? 'Imported' : outcome.error}
        </span>
      )}
    </li>
  );
}
