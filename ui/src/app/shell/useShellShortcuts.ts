import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useVisiblePages } from '@/app/shell/useVisiblePages';
import { isTyping } from '@/lib/keyboard';
import type { RawSearch } from '@/lib/search';

/** How long the second key of "g e" may take. */
const sequenceMs = 1_200;

function press(selector: string): boolean {
  const target = document.querySelector<HTMLElement>(selector);
  target?.click();
  return target !== null;
}

function focusQuery(): boolean {
  const target = document.querySelector<HTMLElement>('[data-shortcut="query"] .cm-content, input[data-shortcut="query"], [data-shortcut="query"] input');
  target?.focus();
  return target !== null;
}

/** Past the rail, the editor and the list of fields, to the first row of the answer. */
function focusResults(): boolean {
  const target = document.querySelector<HTMLElement>('[data-shortcut="results"] :is(a, button, [tabindex="0"])');
  target?.focus();
  return target !== null;
}

/** The shortcuts that work on every page; Help.tsx lists them. */
export function useShellShortcuts(openHelp: () => void, openPalette: () => void): void {
  const navigate = useNavigate();
  const visible = useVisiblePages();
  useEffect(() => {
    let goAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const second = event.timeStamp - goAt < sequenceMs && goAt > 0;
      goAt = 0;
      const page = second ? visible.find((p) => p.key === event.key) : undefined;
      if (page) {
        event.preventDefault();
        void navigate({ to: page.path, search: ({ from, to, refresh }: RawSearch) => ({ from, to, refresh }) } as Parameters<typeof navigate>[0]);
      } else if (event.key === 'g') {
        goAt = event.timeStamp;
      } else if (event.key === '?') {
        openHelp();
      } else if (event.key === '/') {
        if (focusQuery()) event.preventDefault();
      } else if (event.key === 'j') {
        if (focusResults()) event.preventDefault();
      } else if (event.key === 't') {
        press('[data-shortcut="time-range"]');
      } else if (event.key === 'r') {
        press('[data-shortcut="refresh"]');
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, openHelp, openPalette, visible]);
}
