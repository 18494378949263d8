import { Button, Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import { CopyField } from '@/features/dashboards/share/CopyField';
import { forExternalUse } from '@/features/dashboards/share/externalExport';
import classes from './share.module.css';

/** The model as Grafana's JSON, as it is or for another installation. */
export function ExportTab({ draft, meta, context }: DialogContext) {
  const [external, setExternal] = useState(true);
  const text = useMemo(() => JSON.stringify(external ? forExternalUse(draft.dashboard, context.datasources) : draft.dashboard, null, 2), [external, draft.dashboard, context.datasources]);
  const save = () => {
    const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = `${meta.uid === 'new' ? 'dashboard' : meta.uid}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <div className={classes.form}>
      <Switch size="xs" label="For another installation: data sources are asked for at import" checked={external} onChange={(event) => setExternal(event.currentTarget.checked)} />
      <CopyField label="JSON" value={text} rows={14} />
      <div className={classes.end}>
        <span className="dim">Grafana opens it under Dashboards, New, Import.</span>
        <Button onClick={save}>Download</Button>
      </div>
    </div>
  );
}
