import { useCallback, useMemo, useState } from 'react';
import { same } from '@/features/dashboards/edit/changes';
import { type History, push, redo, startHistory, undo } from '@/features/dashboards/edit/history';
import type { DashboardJson } from '@/features/dashboards/model/types';

/** A dashboard while it is edited: what is saved, what is on the screen, and the way back. */
export interface Draft {
  /** What is on the screen. */
  dashboard: DashboardJson;
  /** What the server has, as this reader knows it. */
  saved: DashboardJson;
  /** The version that a save must still find. */
  baseVersion: number;
  dirty: boolean;
  canUndo: boolean;
  canRedo: boolean;
  /** Changes the model; changes of one kind in quick succession are one step of undo. */
  change: (next: DashboardJson | ((now: DashboardJson) => DashboardJson), kind?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Forgets all changes. */
  discard: () => void;
  /** Goes on from what somebody else saved meanwhile, with both changes on the screen. Undo leads back to mine alone. */
  rebase: (base: DashboardJson, version: number, next: DashboardJson) => void;
  /** Takes what is on the screen as saved, as this version. */
  markSaved: (version: number) => void;
}

interface State {
  base: DashboardJson;
  version: number;
  history: History<DashboardJson>;
}

function begin(base: DashboardJson, version: number): State {
  return { base, version, history: startHistory(base) };
}

/** Keeps a draft of a dashboard; the same object until something of it changes. Without changes it follows what the server has; with changes it stays, and saving finds the conflict. */
export function useDraft(server: DashboardJson, version: number): Draft {
  const [state, setState] = useState(() => begin(server, version));
  const [seen, setSeen] = useState({ server, version });
  const { base, history } = state;
  const dirty = useMemo(() => history.present !== base && !same(history.present, base), [history.present, base]);
  if (seen.server !== server || seen.version !== version) {
    setSeen({ server, version });
    if (!dirty) setState(begin(server, version));
  }
  const change = useCallback<Draft['change']>((next, kind) => {
    const now = Date.now();
    setState((before) => ({ ...before, history: push(before.history, typeof next === 'function' ? next(before.history.present) : next, kind, now) }));
  }, []);
  const verbs = useMemo(
    () => ({
      change,
      undo: () => setState((before) => ({ ...before, history: undo(before.history) })),
      redo: () => setState((before) => ({ ...before, history: redo(before.history) })),
      discard: () => setState((before) => begin(before.base, before.version)),
      rebase: (next: DashboardJson, at: number, merged: DashboardJson) => setState((before) => ({ base: next, version: at, history: push(before.history, merged, undefined, Date.now()) })),
      markSaved: (next: number) => setState((before) => begin(before.history.present, next)),
    }),
    [change],
  );
  return useMemo(
    () => ({ dashboard: history.present, saved: base, baseVersion: state.version, dirty, canUndo: history.past.length > 0, canRedo: history.future.length > 0, ...verbs }),
    [history, base, state.version, dirty, verbs],
  );
}
