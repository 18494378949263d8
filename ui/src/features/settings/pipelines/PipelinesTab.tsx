import classes from './pipelines.module.css';
import { RunningPipelines } from './RunningPipelines';
import { TrialBench } from './TrialBench';

/** Pipelines that run in the server, and a bench to try one before it is saved. */
export function PipelinesTab() {
  return (
    <div className={classes.page}>
      <RunningPipelines />
      <TrialBench />
    </div>
  );
}
