import { useEffect, useRef } from 'react';
import type { DialogName } from '@/features/dashboards/edit/DashboardDialogs';
import type { DashboardSearch, SetDashboardSearch } from '@/features/dashboards/edit/searchTypes';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { isTyping } from '@/lib/keyboard';

interface ShortcutInput {
  draft: Draft;
  canEdit: boolean;
  search: DashboardSearch;
  setSearch: SetDashboardSearch;
  setDialog: (dialog: DialogName) => void;
}

/** The keys of a dashboard, for its list of shortcuts. */
export const dashboardShortcuts: readonly [string, readonly string[]][] = [
  ['Edit the dashboard, or the panel under the pointer', ['e']],
  ['View the panel under the pointer', ['v']],
  ['Save', ['Ctrl', 'S']],
  ['Undo; with Shift redo', ['Ctrl', 'Z']],
  ['Settings', ['d', 's']],
  ['Versions', ['d', 'v']],
  ['Full screen', ['d', 'k']],
  ['Share', ['p']],
  ['Leave what is open', ['Esc']],
  ['While editing: move the focused panel', ['←', '→', '↑', '↓']],
  ['While editing: resize it', ['Shift', '←', '→', '↑', '↓']],
  ['While editing: duplicate, remove', ['d', 'Del']],
];

const sequenceMs = 1000;

/** The panel under the pointer or with the focus. */
function panelAt(): string | undefined {
  const element = document.querySelector<HTMLElement>('[data-panel-id]:focus-within') ?? document.querySelector<HTMLElement>('[data-panel-id]:hover');
  return element?.dataset.panelId;
}

function dialogOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}

/** Keys that work anywhere on a dashboard's page. */
export function useShortcuts(input: ShortcutInput): void {
  const latest = useRef(input);
  useEffect(() => {
    latest.current = input;
  });
  useEffect(() => {
    let prefix = { key: '', at: 0 };
    const onKey = (event: KeyboardEvent) => {
      const { draft, canEdit, setDialog } = latest.current;
      const command = event.metaKey || event.ctrlKey;
      if (command && event.key.toLowerCase() === 's') {
        if (!canEdit) return;
        event.preventDefault();
        if (draft.dirty && !dialogOpen()) setDialog({ kind: 'save' });
        return;
      }
      if (isTyping(event.target) || dialogOpen()) return;
      if (command && /^[zy]$/i.test(event.key)) {
        event.preventDefault();
        if (event.shiftKey || event.key.toLowerCase() === 'y') draft.redo();
        else draft.undo();
        return;
      }
      if (command || event.altKey || event.defaultPrevented) return;
      const after = event.timeStamp - prefix.at < sequenceMs ? prefix.key : '';
      prefix = { key: event.key, at: event.timeStamp };
      if (after === 'g') return; // the shell's: go to a page
      if (after === 'd' ? onSecond(event.key, latest.current) : onSingle(event.key, latest.current)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function onSecond(key: string, { setSearch }: ShortcutInput): boolean {
  if (key === 's') setSearch({ settings: 'general', edit: '' });
  else if (key === 'v') setSearch({ settings: 'versions', edit: '' });
  else if (key === 'k') setSearch({ kiosk: true });
  else return false;
  return true;
}

function onSingle(key: string, { draft, canEdit, search, setSearch, setDialog }: ShortcutInput): boolean {
  const idle = search.edit === '' && search.settings === '';
  if (key === 'e' && canEdit && idle) {
    const panel = panelAt();
    if (panel !== undefined) setSearch({ edit: panel, panel: '' });
    else setSearch({ editing: !search.editing });
  } else if (key === 'v' && idle) {
    const panel = panelAt();
    if (panel !== undefined) setSearch({ panel: search.panel === panel ? '' : panel });
  } else if (key === 's' && canEdit && draft.dirty) {
    setDialog({ kind: 'save' });
  } else if (key === 'p' && idle) {
    setDialog({ kind: 'share' });
  } else if (key === 'Escape') {
    if (search.edit !== '') setSearch({ edit: '' });
    else if (search.settings !== '') setSearch({ settings: '' });
    else if (search.editing && search.panel === '') setSearch({ editing: false });
    else return false;
  } else return false;
  return true;
}
