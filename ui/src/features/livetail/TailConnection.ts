import { queryLogs, rowsOf, type LogRow, type TailMessage, tailUrl } from '@/api/loki';
import { ApiError } from '@/api/http';
import { backoffMs, RateMeter, Ring } from '@/lib/ring';

/** How the connection stands. */
export type TailStatus =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'waiting'; retryAt: number; attempt: number }
  | { state: 'refused'; error: ApiError };

/** What the page draws; a new object for each change. */
export interface TailSnapshot {
  status: TailStatus;
  /** From the oldest. */
  rows: readonly LogRow[];
  received: number;
  /** Lines that the server left out because this browser was too slow. */
  dropped: number;
  /** Lines a second over the last seconds. */
  rate: number;
}

export const capacity = 5_000;
/** Lines that the server sends at first, from the last hour. */
const backlog = 100;
/** At most this often the rows are handed to the page: 20 times a second is smooth, and leaves time to draw. */
const flushMs = 50;
const rateMs = 1_000;

/**
 * A tail of one query: connects, reconnects, keeps the newest rows. Rows are
 * collected as they come and handed over once in a drawn frame.
 */
export class TailConnection {
  private readonly ring = new Ring<LogRow>(capacity);
  private readonly meter = new RateMeter();
  private socket: WebSocket | undefined;
  private status: TailStatus = { state: 'connecting' };
  private pending: LogRow[] = [];
  private received = 0;
  private dropped = 0;
  private attempt = 0;
  private sequence = 0;
  private cursor: string | undefined;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ticker: ReturnType<typeof setInterval>;
  private frame = 0;
  private flushedAt = 0;

  constructor(
    private readonly query: string,
    private readonly onSnapshot: (snapshot: TailSnapshot) => void,
  ) {
    this.ticker = setInterval(() => this.schedule(), rateMs);
    void this.check();
  }

  /** Ends the tail; nothing is handed over afterwards. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.ticker);
    cancelAnimationFrame(this.frame);
    this.socket?.close();
  }

  clear(): void {
    this.pending = [];
    this.ring.clear();
    this.received = 0;
    this.dropped = 0;
    this.publish();
  }

  /** A refused WebSocket tells no reason, so the query is asked for once over HTTP first. */
  private async check(): Promise<void> {
    const now = Date.now();
    try {
      await queryLogs({ query: this.query, start: `${now - 1000}000000`, end: `${now}000000`, limit: 1, direction: 'backward' });
    } catch (error) {
      if (this.closed) return;
      if (error instanceof ApiError && error.kind === 'http' && error.status < 500) {
        this.setStatus({ state: 'refused', error });
        return;
      }
    }
    if (!this.closed) this.connect();
  }

  private connect(): void {
    this.setStatus({ state: 'connecting' });
    // After an interruption the tail goes on where it was: nothing is missed, nothing comes twice.
    const socket = new WebSocket(tailUrl(this.query, backlog, this.cursor));
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.setStatus({ state: 'live' });
    };
    socket.onmessage = (event: MessageEvent<string>) => this.receive(event.data);
    socket.onclose = () => this.retry();
  }

  private retry(): void {
    if (this.closed) return;
    const wait = backoffMs(this.attempt, Math.random());
    this.attempt++;
    this.setStatus({ state: 'waiting', retryAt: Date.now() + wait, attempt: this.attempt });
    this.timer = setTimeout(() => this.connect(), wait);
  }

  private receive(text: string): void {
    const message = parseMessage(text);
    if (message === undefined) return;
    const rows = rowsOf(message.streams ?? [], 'forward').map((row) => ({ ...row, key: String(this.sequence++) }));
    this.dropped += message.dropped ?? message.dropped_entries?.length ?? 0;
    this.received += rows.length;
    this.meter.add(rows.length, Date.now());
    this.cursor = message.cursor ?? this.cursor;
    this.pending.push(...rows);
    // A hidden tab draws no frames: without this bound its rows would pile up.
    if (this.pending.length > capacity) this.pending = this.pending.slice(-capacity);
    this.schedule();
  }

  private schedule(): void {
    if (this.frame !== 0 || this.closed) return;
    const draw = (now: number) => {
      if (now - this.flushedAt < flushMs) {
        this.frame = requestAnimationFrame(draw);
        return;
      }
      this.frame = 0;
      this.flushedAt = now;
      this.publish();
    };
    this.frame = requestAnimationFrame(draw);
  }

  private setStatus(status: TailStatus): void {
    if (this.closed) return;
    this.status = status;
    this.publish();
  }

  private publish(): void {
    if (this.closed) return;
    this.ring.push(this.pending);
    this.pending = [];
    this.onSnapshot({ status: this.status, rows: this.ring.toArray(), received: this.received, dropped: this.dropped, rate: this.meter.rate(Date.now()) });
  }
}

function parseMessage(text: string): TailMessage | undefined {
  try {
    return JSON.parse(text) as TailMessage;
  } catch {
    return undefined;
  }
}
