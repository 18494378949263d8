import classes from './states.module.css';

interface LoadingStateProps {
  /** What is being loaded, for screen readers. */
  label?: string;
  lines?: number;
}

const widths = ['92%', '76%', '84%', '60%', '88%', '70%'];

/** The shape of rows that are on their way. */
export function LoadingState({ label = 'Loading', lines = 5 }: LoadingStateProps) {
  return (
    <div className={classes.loading} role="status" aria-label={label} data-state="loading">
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className={classes.bar} style={{ width: widths[i % widths.length] }} />
      ))}
    </div>
  );
}
