import { IconAlertTriangle } from '@tabler/icons-react';
import classes from './states.module.css';

interface NoticeProps {
  messages: readonly string[];
  tone?: 'warn' | 'bad';
}

/** Warnings beside data: what the server says is missing or doubtful. Nothing when there are none. */
export function Notice({ messages, tone = 'warn' }: NoticeProps) {
  if (messages.length === 0) return null;
  return (
    <div className={classes.banner} role="status" data-tone={tone}>
      <IconAlertTriangle size={15} />
      {messages.length === 1 ? (
        <span>{messages[0]}</span>
      ) : (
        <ul>
          {messages.map((message) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
