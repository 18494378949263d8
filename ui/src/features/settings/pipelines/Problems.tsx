import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react';
import type { ConfigProblem } from '@/api/pipelines';
import classes from './pipelines.module.css';

interface ProblemsProps {
  problems: readonly ConfigProblem[];
  warnings: readonly ConfigProblem[];
  /** The reader wants to see the place. */
  onShow: (place: { line: number; column: number }) => void;
}

/** What is wrong with a configuration; each leads to its place in the editor. */
export function Problems({ problems, warnings, onShow }: ProblemsProps) {
  if (problems.length + warnings.length === 0) return null;
  return (
    <ul className={classes.problems} role="status">
      {problems.map((problem, index) => (
        <One key={`p${index}`} problem={problem} bad onShow={onShow} />
      ))}
      {warnings.map((problem, index) => (
        <One key={`w${index}`} problem={problem} onShow={onShow} />
      ))}
    </ul>
  );
}

function One({ problem, bad = false, onShow }: { problem: ConfigProblem; bad?: boolean; onShow: ProblemsProps['onShow'] }) {
  const { line, column = 1, message, hint } = problem;
  return (
    <li data-tone={bad ? 'bad' : 'warn'}>
      {bad ? <IconCircleX size={15} aria-label="Error" /> : <IconAlertTriangle size={15} aria-label="Warning" />}
      <span>
        {line !== undefined && (
          <button type="button" className={classes.place} onClick={() => onShow({ line, column })}>
            line {line}:{column}
          </button>
        )}
        {message}
        {hint !== undefined && <span className="dim"> — {hint}</span>}
      </span>
    </li>
  );
}
