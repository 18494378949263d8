import { lazy, Suspense } from 'react';
import type { DashboardMeta } from '@/api/dashboards';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { LeaveGuard } from '@/features/dashboards/edit/LeaveGuard';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { PlacedPanel, Section } from '@/features/dashboards/model/grid';
import type { TimeRange } from '@/lib/timeRange';

/** The dialog that is open over the dashboard. */
export type DialogName =
  | { kind: 'save' | 'saveAs' | 'discard' | 'delete' | 'report' | 'shortcuts' }
  | { kind: 'share'; panel?: PlacedPanel }
  | { kind: 'library'; id: number };

export interface DialogContext {
  draft: Draft;
  meta: DashboardMeta;
  context: Omit<PlanContext, 'points'>;
  range: TimeRange;
  sections: readonly Section[];
  /** The dashboard's file allows no changes: saving makes a copy. */
  copyOnly: boolean;
}

interface DashboardDialogsProps extends DialogContext {
  open: DialogName | undefined;
  setOpen: (dialog: DialogName | undefined) => void;
}

const SaveModal = lazy(async () => ({ default: (await import('@/features/dashboards/edit/SaveModal')).SaveModal }));
const SmallModals = lazy(async () => ({ default: (await import('@/features/dashboards/edit/SmallModals')).SmallModals }));
const ShareModal = lazy(async () => ({ default: (await import('@/features/dashboards/share/ShareModal')).ShareModal }));
const ReportModal = lazy(async () => ({ default: (await import('@/features/dashboards/share/ReportModal')).ReportModal }));

/** Whatever dialog is open, loaded when it is; and the guard of unsaved changes. */
export function DashboardDialogs({ open, setOpen, ...rest }: DashboardDialogsProps) {
  const close = () => setOpen(undefined);
  return (
    <>
      <LeaveGuard dirty={rest.draft.dirty} />
      {open !== undefined && (
        <Suspense fallback={null}>
          {open.kind === 'save' || open.kind === 'saveAs' ? (
            <SaveModal {...rest} copy={open.kind === 'saveAs' || rest.copyOnly} onClose={close} />
          ) : open.kind === 'share' ? (
            <ShareModal {...rest} panel={open.panel} onClose={close} />
          ) : open.kind === 'report' ? (
            <ReportModal uid={rest.meta.uid} title={rest.draft.dashboard.title} range={rest.range} variables={rest.context.variables} onClose={close} />
          ) : (
            <SmallModals {...rest} open={open} onClose={close} />
          )}
        </Suspense>
      )}
    </>
  );
}
