import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';

interface QueryViewProps<T> {
  query: UseQueryResult<T>;
  /** Drawn instead of the data when isEmpty says so. */
  empty: ReactNode;
  isEmpty: (data: T) => boolean;
  errorTitle?: string;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/** One of a view's four states: loading, error, empty or data. Older data stay visible while new ones load. */
export function QueryView<T>({ query, empty, isEmpty, errorTitle, loading, children }: QueryViewProps<T>) {
  if (query.isError && query.data === undefined) {
    return (
      <ErrorState
        error={query.error}
        {...(errorTitle === undefined ? {} : { title: errorTitle })}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.data === undefined) return loading ?? <LoadingState />;
  if (isEmpty(query.data)) return empty;
  return children(query.data);
}
