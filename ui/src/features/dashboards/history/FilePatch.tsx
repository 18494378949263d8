import { Button, CopyButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { dashboardFilePath, type DashboardMeta, filePatch, patchOf, writeFile } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/QueryView';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { describeError, done } from '@/features/dashboards/failed';
import classes from './history.module.css';

/** What was changed here against the provisioned file: as a patch for its repository, or written back. */
export function FilePatch({ meta, draft }: { meta: DashboardMeta; draft: Draft }) {
  const client = useQueryClient();
  // Where nothing can be saved in front of the file, what is on the screen is the change.
  const unsaved = meta.can_edit === false && draft.dirty ? draft.dashboard : undefined;
  const query = useQuery({ queryKey: ['patch', meta.uid, meta.version, unsaved], queryFn: ({ signal }) => (unsaved === undefined ? filePatch(meta.uid, signal) : patchOf(meta.uid, unsaved, signal)) });
  const run = useMutation({
    mutationFn: () => writeFile(meta.uid),
    onSuccess: async () => {
      done('The file is written');
      await Promise.all([['dashboard', meta.uid], ['patch', meta.uid], ['dashboards']].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
  return (
    <>
      <p style={{ margin: 0 }}>
        This dashboard comes from {meta.source === undefined || meta.source === '' ? 'a provisioned file' : <code className="mono">{meta.source}</code>}. {meta.origin === 'override' ? 'What is saved here stands in front of it.' : 'Nothing is saved in front of it.'}
        {unsaved !== undefined ? ' The patch is what you changed on the screen.' : draft.dirty ? ' Unsaved changes are not part of the patch.' : ''}
      </p>
      <QueryView query={query} errorTitle="The patch could not be made" isEmpty={(text) => text.trim() === ''} empty={<EmptyState title="The file is up to date">{meta.can_edit === false ? 'Change the dashboard here, then take the patch for its file.' : undefined}</EmptyState>}>
        {(text) => (
          <>
            <pre className={classes.patch} tabIndex={0} aria-label="Patch">
              {text.split('\n').map((line, index) => (
                <span key={index} data-kind={/^(\+\+\+|---)/.test(line) ? undefined : line.slice(0, 1)}>
                  {line || ' '}
                </span>
              ))}
            </pre>
            {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
            <div className={classes.buttons}>
              <CopyButton value={text}>
                {({ copied, copy }) => (
                  <Button variant="default" onClick={copy}>
                    {copied ? 'Copied' : 'Copy the patch'}
                  </Button>
                )}
              </CopyButton>
              {unsaved === undefined && (
                <Button variant="default" component="a" href={dashboardFilePath(meta.uid)} download={`${meta.uid}.json`}>
                  Download the file
                </Button>
              )}
              {meta.writable_file === true ? (
                <Button loading={run.isPending} onClick={() => run.mutate()}>
                  Write the file
                </Button>
              ) : (
                <span className="dim">The server may not write this file: apply the patch where it is kept.</span>
              )}
            </div>
          </>
        )}
      </QueryView>
    </>
  );
}
