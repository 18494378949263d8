import { dataFrameFromJSON } from '@grafana/data';
import { useElementSize } from '@mantine/hooks';
import { useMemo } from 'react';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { withPanelDefaults } from '@/features/dashboards/data/fieldDefaults';
import type { Annotation, PanelJson } from '@/features/dashboards/model/types';
import { dataPanels, plainPanels } from '@/features/dashboards/panels/registry';
import type { SnapshotPanel } from '@/features/dashboards/share/takeSnapshot';
import { useGrafanaTheme } from '@/features/dashboards/theme';
import classes from './public.module.css';

const asIs = (text: string) => text;
const noAnnotations: readonly Annotation[] = [];

/** A panel drawn from the data that it carries. */
export function FramePanel({ panel, time }: { panel: PanelJson; time: { from: number; to: number } }) {
  const { ref, width, height } = useElementSize();
  const theme = useGrafanaTheme();
  const { snapshotData, snapshotRange } = panel as SnapshotPanel;
  const frames = useMemo(() => applyFieldConfig((snapshotData ?? []).map((one) => dataFrameFromJSON(one)), withPanelDefaults(panel), theme, asIs), [snapshotData, panel, theme]);
  const type = panel.type ?? '';
  const Plain = plainPanels[type];
  const Data = dataPanels[type];
  const empty = frames.every((frame) => frame.length === 0);
  return (
    <section className={classes.panel} data-transparent={panel.transparent === true} aria-label={panel.title || type}>
      <h3 className={classes.panelTitle}>{panel.title}</h3>
      <div ref={ref} className={classes.panelBody}>
        {Plain !== undefined ? (
          <Plain panel={panel} replace={asIs} />
        ) : Data === undefined ? (
          <span className={classes.none}>Panel type “{type}” is not drawn</span>
        ) : empty ? (
          <span className={classes.none}>No data</span>
        ) : (
          width > 0 && <Data panel={panel} frames={frames} theme={theme} range={snapshotRange ?? time} width={width} height={height} syncKey={undefined} onZoom={() => undefined} annotations={noAnnotations} onFilter={undefined} replace={asIs} />
        )}
      </div>
    </section>
  );
}
