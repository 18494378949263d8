import { lazy, type ReactNode, Suspense } from 'react';
import type { DashboardMeta } from '@/api/dashboards';
import { LoadingState } from '@/components/LoadingState';
import type { SettingsTab } from '@/features/dashboards/dashboardSearch';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { AnnotationSettings } from '@/features/dashboards/edit/settings/AnnotationSettings';
import { GeneralSettings } from '@/features/dashboards/edit/settings/GeneralSettings';
import { LinkSettings } from '@/features/dashboards/edit/settings/LinkSettings';
import { VariableSettings } from '@/features/dashboards/edit/settings/VariableSettings';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import classes from './settings.module.css';

const JsonSettings = lazy(async () => ({ default: (await import('@/features/dashboards/edit/settings/JsonSettings')).JsonSettings }));
const Versions = lazy(async () => ({ default: (await import('@/features/dashboards/history/Versions')).Versions }));
const FilePatch = lazy(async () => ({ default: (await import('@/features/dashboards/history/FilePatch')).FilePatch }));

interface SettingsViewProps {
  draft: Draft;
  meta: DashboardMeta;
  copyOnly: boolean;
  context: Omit<PlanContext, 'points'>;
  tab: SettingsTab;
  setTab: (tab: SettingsTab) => void;
  /** Opens a panel's editor. */
  onPanel: (id: number) => void;
}

const labels: Record<Exclude<SettingsTab, ''>, string> = {
  general: 'General',
  variables: 'Variables',
  annotations: 'Annotations',
  links: 'Links',
  json: 'JSON',
  versions: 'Versions',
  file: 'File',
};

/** Everything about a dashboard that is not a panel. */
export function SettingsView({ draft, meta, copyOnly, context, tab, setTab, onPanel }: SettingsViewProps) {
  const readOnly = meta.can_edit === false;
  const tabs = (Object.keys(labels) as Exclude<SettingsTab, ''>[]).filter((one) => (one === 'versions' ? meta.uid !== 'new' : one === 'file' ? meta.provisioned || meta.origin === 'override' || meta.writable_file === true : true));
  const body = (): ReactNode => {
    switch (tab) {
      case 'variables':
        return <VariableSettings draft={draft} context={context} onPanel={onPanel} />;
      case 'annotations':
        return <AnnotationSettings draft={draft} datasources={context.datasources} />;
      case 'links':
        return <LinkSettings draft={draft} />;
      case 'json':
        return <JsonSettings draft={draft} />;
      case 'versions':
        return <Versions draft={draft} meta={meta} />;
      case 'file':
        return <FilePatch meta={meta} draft={draft} />;
      default:
        return <GeneralSettings draft={draft} />;
    }
  };
  return (
    <div className={classes.settings}>
      <nav className={classes.tabs} aria-label="Settings">
        {tabs.map((one) => (
          <button key={one} type="button" className={classes.tab} aria-current={one === tab ? 'page' : undefined} ref={one === tab ? intoView : undefined} onClick={() => setTab(one)}>
            {labels[one]}
          </button>
        ))}
      </nav>
      <div className={classes.body}>
        {readOnly && <p className="dim" style={{ margin: 0 }}>{copyOnly ? 'The file of this dashboard allows no changes here: saving makes a copy, and File has your changes as a patch.' : 'You may look but not save: this dashboard’s folder gives you no right to edit.'}</p>}
        <Suspense fallback={<LoadingState label="Loading" lines={6} />}>{body()}</Suspense>
      </div>
    </div>
  );
}

/** On a phone the tabs are wider than the page. */
function intoView(tab: HTMLButtonElement | null): void {
  tab?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
}
