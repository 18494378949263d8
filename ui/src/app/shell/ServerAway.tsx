import { IconPlugConnectedX } from '@tabler/icons-react';
import { useServerAway } from '@/components/useServerAway';
import classes from './Shell.module.css';

/** Says that the server does not answer, for as long as that is so. */
export function ServerAway() {
  const away = useServerAway();
  return (
    <div role="status" className={classes.away} hidden={!away}>
      {away && (
        <>
          <IconPlugConnectedX size={15} />
          <span>
            <strong>Pharos does not answer.</strong> What you see is from before; the page goes on by itself once the server is back.
          </span>
        </>
      )}
    </div>
  );
}
