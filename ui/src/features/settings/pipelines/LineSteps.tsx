import type { FieldChange, LineRun, StepRun } from '@/api/pipelines';
import classes from './pipelines.module.css';
import { formatNs, showValue } from './trialSummary';

interface LineStepsProps {
  line: LineRun;
  onShow: (place: { line: number; column: number }) => void;
}

/** The way of one line: each step with what it changed, then what came out. */
export function LineSteps({ line, onShow }: LineStepsProps) {
  return (
    <div className={classes.way}>
      {line.number > 0 && <pre className={classes.original}>{line.line}</pre>}
      <ol className={classes.steps} aria-label="Steps of the line">
        {line.steps.map((step, index) => (
          <Step key={index} step={step} onShow={onShow} />
        ))}
      </ol>
      {(line.dropped ?? []).map((reason, index) => (
        <p key={index} className={classes.outcome} data-tone="warn">
          Dropped: <span className="mono">{reason}</span>
        </p>
      ))}
      {line.events.map((event, index) => (
        <pre key={index} className={classes.event} aria-label="Event">
          {JSON.stringify(event, undefined, 2)}
        </pre>
      ))}
      {line.events.length === 0 && (line.dropped ?? []).length === 0 && <p className={classes.outcome}>Held back by a step; it comes out later.</p>}
    </div>
  );
}

function Step({ step, onShow }: { step: StepRun; onShow: LineStepsProps['onShow'] }) {
  const quiet = step.changes.length === 0 && step.reason === undefined && step.out === 1;
  return (
    <li data-quiet={quiet ? '' : undefined}>
      <header>
        <button type="button" className={classes.place} onClick={() => onShow({ line: step.line, column: 1 })} aria-label={`Line ${step.line} of the configuration`}>
          {step.line}
        </button>
        <span className={classes.stepTitle}>
          <span className={classes.stepName}>{step.name}</span>
          {step.out > 1 && <span className={classes.badge}>{step.out} events</span>}
          {step.out === 0 && step.reason === undefined && <span className={classes.badge}>held back</span>}
          {step.reason !== undefined && (
            <span className={classes.badge} data-tone="warn">
              dropped: {step.reason}
            </span>
          )}
          {(step.failed ?? []).map((tag) => (
            <span key={tag} className={classes.badge} data-tone="bad">
              {tag}
            </span>
          ))}
        </span>
        <span className={classes.took}>{formatNs(step.took_ns)}</span>
      </header>
      {step.changes.length > 0 && (
        <table className={classes.changes}>
          <tbody>
            {step.changes.map((change) => (
              <Change key={change.field} change={change} />
            ))}
          </tbody>
        </table>
      )}
    </li>
  );
}

function Change({ change: { field, before, after } }: { change: FieldChange }) {
  return (
    <tr>
      <th scope="row">{field}</th>
      <td>
        {before !== undefined && <del>{showValue(before)}</del>}
        {after !== undefined && <ins>{showValue(after)}</ins>}
      </td>
    </tr>
  );
}
