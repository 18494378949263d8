import { notifications } from '@mantine/notifications';
import { ApiError } from '@/api/http';

/** What an error says, with what to do next. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof ApiError && error.hint !== undefined ? `${message}. ${error.hint}` : message;
}

/** Tells of a change that the server refused, where no form can. */
export function failed(title: string): (error: unknown) => void {
  return (error) => {
    notifications.show({ color: 'red', title, message: describeError(error) });
  };
}

export function done(message: string): void {
  notifications.show({ message, autoClose: 3000 });
}
