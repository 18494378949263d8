import type { StepSum } from '@/api/pipelines';
import shared from '../settings.module.css';
import classes from './pipelines.module.css';
import { formatNs } from './trialSummary';

interface StepTableProps {
  steps: readonly StepSum[];
  onShow: (place: { line: number; column: number }) => void;
}

/** The steps in the order of the text, with what they did over all lines and how long they took. */
export function StepTable({ steps, onShow }: StepTableProps) {
  const rows = [...steps].sort((a, b) => a.line - b.line || a.column - b.column);
  const most = Math.max(...rows.map((step) => step.took_ns), 1);
  return (
    <div className={shared.scroll}>
      <table className={shared.table}>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Line</th>
            <th scope="col" className={classes.number}>Events</th>
            <th scope="col" className={classes.number}>Failed</th>
            <th scope="col" className={classes.number}>Dropped</th>
            <th scope="col" className={classes.number}>Time each</th>
            <th scope="col" className={classes.barHead}>Share of the time</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((step) => (
            <tr key={`${step.file}:${step.line}:${step.column}:${step.name}`}>
              <td className={classes.stepName}>{step.name}</td>
              <td>
                <button type="button" className={classes.place} onClick={() => onShow(step)}>
                  {step.line}
                </button>
              </td>
              <td className={classes.number}>{step.runs}</td>
              <td className={classes.number} data-tone={step.failed > 0 ? 'bad' : undefined}>{step.failed}</td>
              <td className={classes.number} data-tone={step.dropped > 0 ? 'warn' : undefined}>{step.dropped}</td>
              <td className={classes.number}>{formatNs(step.took_ns / Math.max(step.runs, 1))}</td>
              <td>
                <span className={classes.bar} style={{ inlineSize: `${(100 * step.took_ns) / most}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
