import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ReactElement, useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDataFrame, createTheme, FieldType } from '@grafana/data';
import { PanelBoundary } from '@/features/dashboards/panels/PanelBoundary';
import TextPanel from '@/features/dashboards/panels/TextPanel';
import { UnknownPanel } from '@/features/dashboards/panels/UnknownPanel';
import { renderAt } from '@/test/render';

function Breaks({ broken }: { broken: boolean }): ReactElement {
  if (broken) throw new Error('cannot divide by a cat');
  return <span>drawn</span>;
}

function Two() {
  const [frames, setFrames] = useState(['bad']);
  return (
    <>
      <button type="button" onClick={() => setFrames(['good'])}>
        refresh
      </button>
      <PanelBoundary attempt={frames}>
        <Breaks broken={frames[0] === 'bad'} />
      </PanelBoundary>
      <PanelBoundary attempt={frames}>
        <span>the neighbour</span>
      </PanelBoundary>
    </>
  );
}

describe('PanelBoundary', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
  afterEach(() => void vi.restoreAllMocks());

  it('keeps what a panel throws in that panel, until there are new data', async () => {
    await renderAt('/', <Two />);
    expect(screen.getByRole('alert')).toHaveTextContent('cannot divide by a cat');
    expect(screen.getByText('the neighbour')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'refresh' }));
    expect(screen.getByText('drawn')).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });
});

describe('UnknownPanel', () => {
  const theme = createTheme();
  it('names the kind, what to use instead, and says nothing wrong', async () => {
    await renderAt('/', <UnknownPanel panel={{ id: 1, type: 'geomap' }} frames={[]} theme={theme} width={400} height={300} onFilter={undefined} />);
    expect(screen.getByText('Panel type “geomap”')).toBeInTheDocument();
    expect(screen.getByText('Maps need tiles from servers outside. Show the same query as a table or a bar gauge.')).toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('offers what a plugin’s queries bring as a table', async () => {
    const frame = createDataFrame({ fields: [{ name: 'pod', type: FieldType.string, values: ['web-1'] }] });
    await renderAt('/', <UnknownPanel panel={{ id: 1, type: 'acme-magic-panel' }} frames={[frame]} theme={theme} width={400} height={300} onFilter={undefined} />);
    expect(screen.getByText(/No panel of this kind is drawn here\./)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Show the data as a table' }));
    expect(screen.getByRole('columnheader', { name: 'pod' })).toBeInTheDocument();
  });
});

describe('TextPanel', () => {
  it('replaces variables and lets nothing hostile in, not from a variable either', async () => {
    const replace = (text: string): string => text.replace('$who', '<img src=x onerror=alert(1)>world');
    await renderAt('/', <TextPanel panel={{ id: 1, options: { mode: 'html', content: '<h2>Hello $who</h2><script>alert(1)</script>' } }} replace={replace} />);
    const heading = screen.getByRole('heading', { name: 'Hello world' });
    expect(heading.querySelector('img')).toBeNull();
    expect(document.querySelector('h2 ~ script')).toBeNull();
  });

  it('shows code as it is', async () => {
    await renderAt('/', <TextPanel panel={{ id: 1, options: { mode: 'code', content: '<b>not bold</b>' } }} replace={(text) => text} />);
    expect(screen.getByText('<b>not bold</b>')).toBeInTheDocument();
  });
});
