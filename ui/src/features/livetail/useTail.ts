import { useCallback, useEffect, useRef, useState } from 'react';
import { TailConnection, type TailSnapshot } from './TailConnection';

const nothing: TailSnapshot = { status: { state: 'connecting' }, rows: [], received: 0, dropped: 0, rate: 0 };

/** A tail of a query while one is given; the rows of the last one stay after it was stopped. */
export function useTail(query: string | undefined): TailSnapshot & { clear: () => void } {
  const [snapshot, setSnapshot] = useState<TailSnapshot>(nothing);
  const connection = useRef<TailConnection>(undefined);
  useEffect(() => {
    if (query === undefined) return undefined;
    setSnapshot(nothing);
    const tail = new TailConnection(query, setSnapshot);
    connection.current = tail;
    return () => {
      tail.close();
      connection.current = undefined;
    };
  }, [query]);
  const clear = useCallback(() => {
    if (connection.current) connection.current.clear();
    else setSnapshot(nothing);
  }, []);
  return { ...snapshot, clear };
}
