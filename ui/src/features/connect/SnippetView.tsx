import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './ConnectPage.module.css';

/** Lines to copy, with the place where they belong. */
export function SnippetView({ place, text }: { place: string; text: string }) {
  return (
    <figure className={classes.snippet}>
      <figcaption className={classes.place}>
        {place}
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? 'Copied' : 'Copy'}>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Copy ${place}`} onClick={copy}>
                {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </figcaption>
      <pre className={classes.code} tabIndex={0}>
        {text.trimEnd()}
      </pre>
    </figure>
  );
}
