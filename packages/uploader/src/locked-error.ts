/** Who holds a key, as far as the journal can tell. */
export interface LockHolder {
  /** The process. */
  readonly pid?: number;
  /** The machine that it runs on. */
  readonly host?: string;
  readonly since?: Date;
  /** The file that says so. */
  readonly file?: string;
}

/** What was asked for is in use, by another process or by this one. */
export class LockedError extends Error {
  override readonly name = "LockedError";
  readonly code = "locked";
  readonly retryable = true;
  readonly key: string;
  readonly holder: LockHolder | undefined;

  /**
   * @param key what is locked
   * @param holder who holds it, where that is known
   * @param advice what to do, where waiting is not all
   */
  constructor(key: string, holder?: LockHolder, advice = "Wait until it is done, and try again.") {
    super(`Cannot lock ${shown(key)}: ${described(holder)}. ${advice}`);
    this.key = key;
    this.holder = holder;
  }
}

/** A key may be of any length; a message may not. */
function shown(key: string): string {
  return JSON.stringify(key.length > 100 ? `${key.slice(0, 99)}…` : key);
}

function described({ pid, host, since }: LockHolder = {}): string {
  const who = pid === undefined ? "it is in use" : `process ${pid}${host === undefined ? "" : ` on ${host}`} holds it`;
  return since === undefined ? who : `${who} since ${since.toISOString()}`;
}
