import { boolParam, defineSearch, enumParam, stringParam } from '@/lib/search';

export const settingsTabs = ['', 'general', 'variables', 'annotations', 'links', 'json', 'versions', 'file'] as const;
export type SettingsTab = (typeof settingsTabs)[number];

/** What a dashboard's address says besides time and variables. */
export const dashboardSearch = defineSearch({
  /** The panel that fills the page, by its key; "" when the whole dashboard is shown. */
  panel: stringParam(),
  /** The id of the panel in the editor. */
  edit: stringParam(),
  /** The grid can be changed. */
  editing: boolParam(),
  settings: enumParam(settingsTabs, ''),
  /** Nothing but the panels: for walls and pictures. */
  kiosk: boolParam(),
  /** A playlist that goes on by itself, and the item that is shown. */
  playlist: stringParam(),
  item: stringParam('0'),
});
