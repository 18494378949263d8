import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { getDashboard, importDashboard, listDashboards, listDatasources } from '@/api/dashboards';
import { ApiError, fetchJson } from '@/api/http';
import { LinkButton } from '@/components/LinkButton';
import { dashboard as dashboardPlace } from '@/lib/links';
import { type DashboardJson, newDashboard, panelOf, withPanel } from '@/lib/panelOf';
import type { AddToDashboardProps } from './AddToDashboard';

const fresh = '';

interface FormValue {
  uid: string;
  newTitle: string;
  title: string;
}

/** Asks where the panel goes, and puts it there. */
export function AddToDashboardModal({ kind, expr, onClose }: AddToDashboardProps & { onClose: () => void }) {
  const client = useQueryClient();
  const [value, setValue] = useState<FormValue>({ uid: fresh, newTitle: '', title: expr.slice(0, 80) });
  const dashboards = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal) });
  const add = useMutation({
    mutationFn: () => addPanel(kind, expr, value),
    onSuccess: () => client.invalidateQueries({ queryKey: ['dashboards'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const change = (part: Partial<FormValue>) => setValue({ ...value, ...part });
  const ready = value.title.trim() !== '' && (value.uid !== fresh || value.newTitle.trim() !== '');
  return (
    <Modal opened onClose={onClose} title="Add to a dashboard">
      {add.isSuccess ? (
        <div style={{ display: 'flex', gap: 8, alignItems: 'center', flexWrap: 'wrap' }} role="status">
          <span style={{ flex: 1 }}>The panel was added.</span>
          <LinkButton place={dashboardPlace(add.data)}>Open the dashboard</LinkButton>
          <Button variant="default" onClick={onClose}>
            Stay here
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} style={{ display: 'flex', flexDirection: 'column', gap: 10 }}>
          <Select
            label="Dashboard"
            searchable
            allowDeselect={false}
            data={[{ value: fresh, label: 'A new dashboard' }, ...(dashboards.data?.dashboards ?? []).map((one) => ({ value: one.uid, label: one.folder.title === '' ? one.title : `${one.folder.title} / ${one.title}` }))]}
            value={value.uid}
            onChange={(uid) => change({ uid: uid ?? fresh })}
            error={dashboards.isError ? dashboards.error.message : null}
          />
          {value.uid === fresh && <TextInput label="Its title" value={value.newTitle} maxLength={200} onChange={(event) => change({ newTitle: event.currentTarget.value })} data-autofocus />}
          <TextInput label="Panel title" value={value.title} maxLength={200} onChange={(event) => change({ title: event.currentTarget.value })} />
          {add.isError && (
            <p role="alert" style={{ color: 'var(--bad)', margin: 0 }}>
              {add.error.message}
              {add.error instanceof ApiError && add.error.hint !== undefined && ` ${add.error.hint}`}
            </p>
          )}
          <Button type="submit" loading={add.isPending} disabled={!ready}>
            Add panel
          </Button>
        </form>
      )}
    </Modal>
  );
}

async function addPanel(kind: AddToDashboardProps['kind'], expr: string, { uid, newTitle, title }: FormValue): Promise<string> {
  const sources = (await listDatasources()).filter((one) => one.dialect === kind);
  const source = sources.find((one) => one.default) ?? sources[0];
  const panel = panelOf(kind, expr, title.trim(), source && { uid: source.uid, type: source.type });
  if (uid === fresh) return (await importDashboard(withPanel(newDashboard(newTitle.trim()), panel), '', false)).uid;
  const { dashboard, meta } = await getDashboard<DashboardJson>(uid);
  const next = withPanel(dashboard, panel);
  const version = 'version' in meta ? Number(meta.version) : 0;
  try {
    await fetchJson<unknown>(`/api/pharos/v1/dashboards/${encodeURIComponent(uid)}`, { method: 'PUT', body: { dashboard: next, message: `add panel ${title.trim()}`, base_version: version } });
  } catch (error) {
    // A server that keeps no versions takes the whole dashboard anew.
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 405)) throw error;
    await importDashboard(next, meta.folder.title, true);
  }
  return uid;
}
