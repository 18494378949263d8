import { boolParam, defineSearch, enumParam, listParam, stringParam } from '@/lib/search';

export const tailSearch = defineSearch({
  /** The LogQL query that is tailed. */
  query: stringParam(),
  /** Only lines that hold this text are shown. */
  filter: stringParam(),
  /** Texts that are marked, each in its own colour. */
  mark: listParam(),
  wrap: boolParam(false),
  show: enumParam(['message', 'line'], 'message'),
});
