import { SegmentedControl, Switch } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import type { PlacedPanel } from '@/features/dashboards/model/grid';
import { CopyField } from '@/features/dashboards/share/CopyField';
import { parseSearch, stringifySearch } from '@/lib/search';
import classes from './share.module.css';
import { without } from '@/lib/objects';

type Theme = 'own' | 'light' | 'dark';

/** The address with what is on the screen: time, variables, the panel; and a frame for other pages. */
export function LinkTab({ context, panel }: DialogContext & { panel: PlacedPanel | undefined }) {
  const { pathname, searchStr } = useLocation();
  const [fixed, setFixed] = useState(false);
  const [kiosk, setKiosk] = useState(false);
  const [theme, setTheme] = useState<Theme>('own');
  const search = without(parseSearch(searchStr), 'editing', 'edit', 'settings', 'kiosk', 'theme', 'playlist', 'item');
  const time = fixed ? { from: String(Math.floor(context.range.from)), to: String(Math.floor(context.range.to)) } : {};
  const address = (extra: Record<string, string>) => `${window.location.origin}${pathname}${stringifySearch({ ...search, ...time, ...(panel === undefined ? {} : { panel: panel.key }), ...extra })}`;
  const shown = { ...(kiosk ? { kiosk: '1' } : {}), ...(theme === 'own' ? {} : { theme }) };
  const frame = `<iframe src="${address({ ...shown, kiosk: '1' }).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" width="${panel === undefined ? 1200 : 600}" height="${panel === undefined ? 800 : 300}" frameborder="0"></iframe>`;
  return (
    <div className={classes.form}>
      <Switch size="xs" label="The moment as it is: absolute times in place of “last hour”" checked={fixed} onChange={(event) => setFixed(event.currentTarget.checked)} />
      <Switch size="xs" label="Full screen" checked={kiosk} onChange={(event) => setKiosk(event.currentTarget.checked)} />
      <SegmentedControl aria-label="Theme" style={{ alignSelf: 'flex-start' }} data={[{ value: 'own', label: 'The reader’s theme' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]} value={theme} onChange={(value) => setTheme(value as Theme)} />
      <CopyField label="Link" value={address(shown)} />
      <CopyField label="For another page" value={frame} rows={3} />
      <p className={classes.note}>Readers need an account here. Another page can only frame this one when it is served from the same site; a public link and a picture need neither.</p>
    </div>
  );
}
