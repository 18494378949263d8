import { Button, Checkbox, FileButton, Group, Modal, Stack, Textarea } from '@mantine/core';
import { standardTransformers } from '@grafana/data';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { createDashboard, type DashboardSummary } from '@/api/dashboards';
import { FolderSelect } from '@/features/dashboards/edit/FolderSelect';
import { describeError, done } from '@/features/dashboards/failed';
import { type Candidate, candidatesOf, sizeLimit } from '@/features/dashboards/list/importFiles';
import { dataPanels, plainPanels } from '@/features/dashboards/panels/registry';
import classes from './DashboardsPage.module.css';

const transformers = new Set([...Object.values(standardTransformers).map((one) => one.id), 'seriesToColumns']);
const drawn = (type: string) => type in dataPanels || type in plainPanels;
const knownTransform = (id: string) => transformers.has(id);

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
  const candidates = useMemo<Candidate[]>(() => [...files.flatMap((file) => candidatesOf(file.name, file.text, drawn, knownTransform)), ...(pasted.trim() === '' ? [] : candidatesOf('pasted text', pasted, drawn, knownTransform))], [files, pasted]);
  const ready = candidates.flatMap((one, index) => (one.dashboard !== undefined && !skipped.has(index) && !(outcomes.has(index) && 'made' in (outcomes.get(index) ?? {})) ? [{ one, index }] : []));
  const read = async (list: readonly File[]) => {
    setOutcomes(new Map());
    setFiles(await Promise.all(list.map(async (file) => ({ name: file.name, text: file.size > sizeLimit ? ' '.repeat(sizeLimit + 1) : await file.text() }))));
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
        <Textarea size="xs" label="or paste the JSON" autosize minRows={3} maxRows={10} value={pasted} onChange={(event) => { setOutcomes(new Map()); setPasted(event.currentTarget.value); }} styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} spellCheck={false} />
        {candidates.length > 0 && (
          <ul className={classes.candidates} aria-label="Found">
            {candidates.map((one, index) => (
              <CandidateRow
                key={index}
                candidate={one}
                outcome={outcomes.get(index)}
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

function CandidateRow({ candidate, outcome, chosen, onChoose }: { candidate: Candidate; outcome: Outcome | undefined; chosen: boolean; onChoose: (on: boolean) => void }) {
  const { title, panels, problem, findings, from } = candidate;
  return (
    <li>
      <span className={classes.candidate}>
        <Checkbox size="xs" aria-label={`Import ${title}`} disabled={problem !== undefined} checked={problem === undefined && chosen} onChange={(event) => onChoose(event.currentTarget.checked)} />
        <span title={from}>{title}</span>
        <span className="dim num">{problem === undefined ? `${panels} panels` : ''}</span>
      </span>
      {problem !== undefined && <span className={classes.findings} style={{ color: 'var(--bad)' }}>{problem}</span>}
      {findings.map((one) => (
        <span key={one} className={classes.findings}>
          {one}
        </span>
      ))}
      {outcome !== undefined && (
        <span className={classes.findings} style={{ color: 'made' in outcome ? 'var(--ok)' : 'var(--bad)' }}>
          {'made' in outcome ? 'Imported' : outcome.error}
        </span>
      )}
    </li>
  );
}
