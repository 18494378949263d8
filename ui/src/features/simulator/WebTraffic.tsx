import { Button } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type SimulatorState, setTraffic } from '@/api/simulator';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { RateControl } from '@/features/simulator/RateControl';
import { maxRate } from '@/features/simulator/rateScale';
import classes from './SimulatorPage.module.css';

interface WebTrafficProps {
  state: SimulatorState;
  history: readonly [number, number][];
  canEdit: boolean;
}

/** Access lines that a web application posts to the collector, and what became of them. */
export function WebTraffic({ state, history, canEdit }: WebTrafficProps) {
  const traffic = state.traffic ?? { target_rate: 0, made: 0, stored: 0, failed: 0 };
  const on = traffic.target_rate > 0;
  const toggle = useMutation({ mutationFn: () => setTraffic(on ? 0 : maxRate) });
  const waiting = traffic.made - traffic.stored - traffic.failed;
  return (
    <Panel title="Web application traffic" aside={<span className="num">{traffic.stored.toLocaleString('en')} lines stored</span>}>
      <RateControl unit="lines" label="Line rate" target={traffic.target_rate} current={history.at(-1)?.[1] ?? 0} history={history} color="var(--series-3)" canEdit={canEdit} onSet={setTraffic} />
      <div className={classes.traffic}>
        <Button variant={on ? 'filled' : 'default'} color={on ? 'red' : 'gray'} disabled={!canEdit} loading={toggle.isPending} leftSection={on ? <IconPlayerStop size={14} /> : <IconPlayerPlay size={14} />} onClick={() => toggle.mutate()}>
          {on ? 'Stop the traffic' : `Send ${maxRate.toLocaleString('en')} lines a second`}
        </Button>
        <span className="dim num">{waiting.toLocaleString('en')} under way</span>
        <Link to={'/dashboards/operations' as never}>Operations dashboard</Link>
      </div>
      {toggle.isError && <Notice tone="bad" messages={[toggle.error.message]} />}
      {traffic.failed > 0 && <Notice tone="bad" messages={[`${traffic.failed.toLocaleString('en')} lines were given up: the collector did not take them`]} />}
    </Panel>
  );
}
