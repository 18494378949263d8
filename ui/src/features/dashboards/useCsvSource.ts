import type { DataFrame } from '@grafana/data';
import { useEffect } from 'react';

/** Lets the server write a panel's data as a table: only on pages without controls, which it opens for that. */
export function useCsvSource(key: string, title: string, frames: readonly DataFrame[], element: Element | undefined): void {
  useEffect(() => {
    if (!new URLSearchParams(window.location.search).has('kiosk')) return undefined;
    let end: (() => void) | undefined;
    let gone = false;
    void import('@/features/dashboards/inspect/panelCsv').then(({ offerCsv }) => {
      if (!gone) end = offerCsv(key, { title, frames, element: () => element });
    });
    return () => {
      gone = true;
      end?.();
    };
  }, [key, title, frames, element]);
}
