import { defineSearch, stringParam } from '@/lib/search';

/** The page's state in the URL: what is being connected. */
export const connectSearch = defineSearch({ source: stringParam('otel-sdk'), q: stringParam() });
