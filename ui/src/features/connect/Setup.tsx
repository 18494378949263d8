import { Button, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createToken } from '@/api/tokens';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { useSession } from '@/components/useSession';
import { ArrivalCard } from './ArrivalCard';
import { SnippetView } from './SnippetView';
import { type Source, targetOf } from './sources';
import classes from './ConnectPage.module.css';

const placeholder = 'YOUR_TOKEN';

/** The steps for one source: address, token, snippet, and whether its data have come. */
export function Setup({ source }: { source: Source }) {
  const [address, setAddress] = useState(window.location.origin);
  const [openedMs] = useState(() => Date.now());
  const session = useSession();
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: () => createToken({ name: `${source.id}-${new Date().toISOString().slice(0, 19).replaceAll(/\D/g, '')}`, role: 'viewer', read: false, write: true }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const open = session.data?.authMode === 'off';
  const token = make.data?.secret ?? placeholder;
  const target = targetOf(address, token);
  if (source.snippets.length === 0) {
    return (
      <Panel title={source.name}>
        <EmptyState title={`${source.name}: not yet`}>{source.note}</EmptyState>
      </Panel>
    );
  }
  const needsToken = source.probe === undefined && !open;
  return (
    <Panel title={source.name} className={classes.setup}>
      {source.note !== undefined && <p className={classes.note}>{source.note}</p>}
      <ol className={classes.steps}>
        <li>
          <h3 className={classes.step}>Address, as the sender reaches it</h3>
          <TextInput aria-label="Address" maw={420} value={address} onChange={(event) => setAddress(event.currentTarget.value)} error={target === undefined && 'An address begins with http:// or https://'} />
        </li>
        {needsToken && (
          <li>
            <h3 className={classes.step}>Token</h3>
            {make.data !== undefined ? (
              <p className={classes.note}>
                <strong>{make.data.name}</strong> may send, not read. It is in the lines below and shown only now; revoke it under Settings.
              </p>
            ) : session.data?.user.role === 'admin' ? (
              <Button className={classes.make ?? ''} variant="light" leftSection={<IconKey size={14} />} loading={make.isPending} onClick={() => make.mutate()}>
                Make a token for {source.name}
              </Button>
            ) : (
              <p className={classes.note}>Ask an administrator for a token that may send, and put it in the place of {placeholder}.</p>
            )}
            {make.isError && <Notice tone="bad" messages={[`No token was made: ${make.error.message}`]} />}
          </li>
        )}
        <li>
          <h3 className={classes.step}>Configuration</h3>
          {target !== undefined && source.snippets.map((one) => <SnippetView key={one.place} place={one.place} text={one.text(target)} />)}
          {open && source.probe === undefined && <p className={classes.note}>Authentication is off: any token is taken, and the line with it may be left out.</p>}
        </li>
        <li>
          <h3 className={classes.step}>First data</h3>
          {needsToken && make.data === undefined ? (
            <p className={classes.note}>This turns green when data come in with the token of step 2.</p>
          ) : (
            <ArrivalCard source={source} watched={{ tokenId: make.data?.id ?? '', sinceMs: make.data === undefined ? openedMs : 0, probe: source.probe }} />
          )}
        </li>
      </ol>
    </Panel>
  );
}
