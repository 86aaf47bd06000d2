/** A poll, written down: plain JSON, for `poll(task, { resume: state })` in another process. */
export interface PollState {
  readonly version: 1;
  /** The task's own. */
  readonly id: string;
  /** The task's own. */
  readonly provider?: string | undefined;
  /** When the poll began, in milliseconds since the epoch. */
  readonly started: number;
  /** Reads begun so far. */
  readonly attempts: number;
  /** When the next read was planned; the server may not want it earlier. */
  readonly due?: number | undefined;
  /** When it gives up, in milliseconds since the epoch; it stays what it was. */
  readonly deadline?: number | undefined;
}
