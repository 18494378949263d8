import { Button, SegmentedControl, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { exportDashboard, type ExportForm } from '@/api/dashboards';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import { CopyField } from '@/features/dashboards/share/CopyField';
import { forExternalUse } from '@/features/dashboards/share/externalExport';
import classes from './share.module.css';

const forms: readonly { value: ExportForm; label: string; hint: string }[] = [
  { value: 'classic', label: 'Classic', hint: 'Grafana opens it under Dashboards, New, Import.' },
  { value: 'v2', label: 'Schema v2', hint: 'Of Grafana 12 and later: import, provisioning, Git Sync.' },
  { value: 'resource', label: 'Kubernetes resource', hint: 'For kubectl, grafanactl and Git Sync: the classic model as dashboard.grafana.app/v1beta1.' },
];

/** The model in Grafana’s forms, as it is or for another installation. */
export function ExportTab({ draft, meta, context }: DialogContext) {
  const [form, setForm] = useState<ExportForm>('classic');
  const [external, setExternal] = useState(true);
  const classic = useMemo(() => JSON.stringify(external ? forExternalUse(draft.dashboard, context.datasources) : draft.dashboard, null, 2), [external, draft.dashboard, context.datasources]);
  const name = meta.uid === 'new' ? 'dashboard' : meta.uid;
  const other = useQuery({ queryKey: ['export', form, draft.dashboard], queryFn: ({ signal }) => exportDashboard(draft.dashboard, form, name, signal), enabled: form !== 'classic', staleTime: Infinity, gcTime: 0 });
  const text = form === 'classic' ? classic : other.data;
  const save = () => {
    const address = URL.createObjectURL(new Blob([text ?? ''], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `${name}${form === 'classic' ? '' : `.${form}`}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <div className={classes.form}>
      <SegmentedControl aria-label="Form" style={{ alignSelf: 'flex-start' }} data={forms.map(({ value, label }) => ({ value, label }))} value={form} onChange={(value) => setForm(value as ExportForm)} />
      {form === 'classic' && <Switch size="xs" label="For another installation: data sources are asked for at import" checked={external} onChange={(event) => setExternal(event.currentTarget.checked)} />}
      {form !== 'classic' && other.isError && <ErrorState error={other.error} title="The dashboard could not be exported" onRetry={() => void other.refetch()} />}
      {text === undefined ? !other.isError && <LoadingState label="Writing it" lines={8} /> : <CopyField label="JSON" value={text} rows={14} />}
      <div className={classes.end}>
        <span className="dim">{forms.find((one) => one.value === form)?.hint}</span>
        <Button disabled={text === undefined} onClick={save}>
          Download
        </Button>
      </div>
    </div>
  );
}
