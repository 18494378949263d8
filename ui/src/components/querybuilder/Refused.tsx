import classes from './builder.module.css';

interface RefusedProps {
  reason: string;
  query: string;
  /** The part that is in the way. */
  from?: number | undefined;
  to?: number | undefined;
}

/** What the builder cannot show stays what it is; the code editor has it. */
export function Refused({ reason, query, from, to }: RefusedProps) {
  const marked = from !== undefined && to !== undefined && to > from;
  return (
    <div className={classes.builder}>
      <pre className={classes.text}>
        {marked ? (
          <>
            {query.slice(0, from)}
            <mark className={classes.mark}>{query.slice(from, to)}</mark>
            {query.slice(to)}
          </>
        ) : (
          query
        )}
      </pre>
      <p className={classes.refused}>{reason}. Choose “Code” to edit it; the builder shows it again when it can.</p>
    </div>
  );
}
