import { useState } from 'react';
import type { LineRun, TrialResult } from '@/api/pipelines';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { LineSteps } from './LineSteps';
import classes from './pipelines.module.css';
import { StepTable } from './StepTable';
import { describeFate, fateOf } from './trialSummary';

interface TrialResultViewProps {
  result: TrialResult;
  onShow: (place: { line: number; column: number }) => void;
}

/** What a trial gave: the steps summed up, and the way of each line. */
export function TrialResultView({ result, onShow }: TrialResultViewProps) {
  const [chosen, setChosen] = useState(0);
  const { lines, steps, stopped } = result;
  const line = lines[Math.min(chosen, lines.length - 1)];
  return (
    <>
      {stopped !== undefined && <Notice messages={[`The trial was stopped: ${stopped}.`]} />}
      {steps.length > 0 && (
        <Panel title="Steps" flush>
          <StepTable steps={steps} onShow={onShow} />
        </Panel>
      )}
      <Panel title="Lines" aside={<Tally lines={lines} />} flush>
        {line === undefined ? (
          <EmptyState title="Nothing ran">Paste lines, or take recent ones by a selector.</EmptyState>
        ) : (
          <div className={classes.ways}>
            <ol className={classes.list} aria-label="Lines of the trial">
              {lines.map((each, index) => (
                <li key={each.number}>
                  <button type="button" aria-pressed={each === line} data-fate={fateOf(each)} onClick={() => setChosen(index)}>
                    <span className={classes.text}>{each.number === 0 ? 'end of the input' : each.line}</span>
                    <span className={classes.fate}>{describeFate(each)}</span>
                  </button>
                </li>
              ))}
            </ol>
            <LineSteps line={line} onShow={onShow} />
          </div>
        )}
      </Panel>
    </>
  );
}

function Tally({ lines }: { lines: readonly LineRun[] }) {
  const count = (fate: string) => lines.filter((line) => fateOf(line) === fate).length;
  const parts = [
    [count('out'), 'through'],
    [count('failed'), 'with a failure tag'],
    [count('dropped'), 'dropped'],
  ] as const;
  return <span className="num">{parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`).join(' · ')}</span>;
}
