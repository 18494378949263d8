import { JsonField } from '@/features/dashboards/edit/panel/JsonField';
import type { PanelJson } from '@/features/dashboards/model/types';

/** The panel as Grafana's JSON. Its id and place stay what they are. */
export function PanelJsonTab({ panel, onChange }: { panel: PanelJson; onChange: (change: (panel: PanelJson) => PanelJson) => void }) {
  return (
    <>
      <p className="dim" style={{ margin: 0, fontSize: 12.5 }}>
        Taken over when you leave the text, or with Ctrl+Enter.
      </p>
      <JsonField label="The panel as JSON" value={panel} onChange={(next) => onChange((now) => ({ ...(next as unknown as PanelJson), id: now.id, ...(now.gridPos === undefined ? {} : { gridPos: now.gridPos }) }))} />
    </>
  );
}
