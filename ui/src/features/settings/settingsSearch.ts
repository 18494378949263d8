import { defineSearch, enumParam } from '@/lib/search';

export const settingsTabs = ['access', 'pipelines'] as const;
export type SettingsTab = (typeof settingsTabs)[number];

/** Settings' state in the URL. */
export const settingsSearch = defineSearch({ tab: enumParam(settingsTabs, 'access') });
