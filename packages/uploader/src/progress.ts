import type { Clock } from "@sluice/retry";

/** Where an upload stands. Bytes, and bytes a second. */
export interface Progress {
  /** Read from the source, for the parts that have arrived or are on their way. */
  readonly read: number;
  /** Handed to the transport; goes back when an attempt fails, whose bytes will go again. */
  readonly sent: number;
  /** Confirmed by the target; never goes back. */
  readonly acknowledged: number;
  /** Undefined as long as it is not known. */
  readonly total: number | undefined;
  /** Over the last ten seconds; undefined before the first of them has passed, and while nothing moves. */
  readonly rate: number | undefined;
  /** Milliseconds that are left at this rate. */
  readonly eta: number | undefined;
  readonly parts: { readonly done: number; readonly total: number | undefined };
}

/** What a {@link ProgressMeter} needs. */
export interface ProgressOptions {
  readonly clock: Clock;
  /** Told where the upload stands, ten times a second at most. */
  readonly report: (progress: Progress) => void;
  readonly total?: number | undefined;
  readonly parts?: number | undefined;
  /** What a resumed upload finds at the target. It does not count in the rate. */
  readonly acknowledged?: number | undefined;
  readonly done?: number | undefined;
  /** When the upload was created at the target. @default now */
  readonly createdAt?: number | undefined;
  /** Told what `report` throws, perhaps from a timer. */
  readonly raise: (error: unknown) => void;
}

/** Where an upload stood. */
interface Sample {
  readonly time: number;
  readonly sent: number;
  readonly acknowledged: number;
}

const WINDOW = 10_000;
/** Between two samples, at least: so there are 42 at most. */
const STEP = 250;
/** Before so much has been measured, sockets' buffers that fill are most of what is seen. */
const LEAST = 1_000;
/** Between two reports. */
const PAUSE = 100;

/**
 * Counts what the parts report and tells it, at a bounded rate; the last state always.
 *
 * The rate is that of `sent`: bytes in flight that are seen to move count, so that large parts on a slow link show a
 * rate before the first of them has arrived, and one that stays the same when it does. Where they are not seen, `sent`
 * moves a part at a time, and so does the rate.
 */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #report: (progress: Progress) => void;
  readonly #raise: (error: unknown) => void;
  readonly #createdAt: number;
  readonly #samples: Sample[];
  #total: number | undefined;
  #parts: number | undefined;
  #read: number;
  #sent: number;
  #acknowledged: number;
  #done: number;
  #reported = -Infinity;
  #timer: unknown;
  #stale = false;
  #closed = false;

  constructor(options: ProgressOptions) {
    const { clock, report, total, parts, acknowledged = 0, done = 0 } = options;
    const time = clock.now();
    this.#clock = clock;
    this.#report = report;
    this.#raise = options.raise;
    this.#createdAt = options.createdAt ?? time;
    this.#total = total;
    this.#parts = parts;
    this.#read = this.#sent = this.#acknowledged = acknowledged;
    this.#done = done;
    this.#samples = [{ time, sent: acknowledged, acknowledged }];
  }

  /** Bytes read from the source; negative where an attempt failed and they will be read again. */
  read(bytes: number): void {
    this.#read += bytes;
    this.#moved();
  }

  /** Bytes handed to the transport; negative where an attempt failed and they will go again. */
  sent(bytes: number): void {
    this.#sent += bytes;
    this.#moved();
  }

  /** A part has arrived. `sent` is what was reported of it, where the transport does not report everything. */
  acknowledge(size: number, sent: number = size): void {
    this.#sent += size - sent;
    this.#acknowledged += size;
    this.#done += 1;
    this.#moved();
  }

  /** The end of a source of unknown length has been seen. */
  ends(total: number, parts: number): void {
    this.#total = total;
    this.#parts = parts;
    this.#moved();
  }

  /** Tells the last state, if it has not been told. Nothing is told from then on, and no timer is left. */
  close(): void {
    this.#clock.clearTimeout(this.#timer);
    if (this.#stale && !this.#closed) this.#tell();
    this.#closed = true;
  }

  get progress(): Progress {
    const rate = this.#rate();
    const total = this.#total;
    const left = total === undefined ? undefined : Math.max(0, total - this.#sent);
    return {
      read: this.#read,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      total,
      rate,
      eta: left === undefined || rate === undefined ? undefined : (left * 1000) / rate,
      parts: { done: this.#done, total: this.#parts },
    };
  }

  /**
   * Milliseconds from the upload's creation to its end, at this rate; undefined before it has been measured for a whole
   * window, or while it is not known. For a target where uploads have a lifetime.
   */
  willTake(): number | undefined {
    const { eta } = this.progress;
    const now = this.#clock.now();
    const measured = now - (this.#samples[0]?.time ?? now);
    return eta === undefined || measured < WINDOW ? undefined : now - this.#createdAt + eta;
  }

  /** In bytes a second. */
  #rate(): number | undefined {
    const [oldest] = this.#samples;
    if (!oldest) return undefined;
    // An older one stands for the window's beginning: nothing has moved in between.
    const time = Math.min(this.#clock.now() - oldest.time, WINDOW);
    // After an attempt that failed late, less may have been sent than before; what has arrived has arrived.
    const sent = this.#sent - oldest.sent;
    const gained = sent > 0 ? sent : this.#acknowledged - oldest.acknowledged;
    return time >= LEAST && gained > 0 ? (gained * 1000) / time : undefined;
  }

  #moved(): void {
    if (this.#closed) return;
    this.#stale = true;
    const time = this.#clock.now();
    const samples = this.#samples;
    if (time - (samples.at(-1)?.time ?? 0) >= STEP) {
      samples.push({ time, sent: this.#sent, acknowledged: this.#acknowledged });
      while (time - (samples[1]?.time ?? time) >= WINDOW) samples.shift();
    }
    const wait = this.#reported + PAUSE - time;
    if (wait <= 0) this.#tell();
    else this.#timer ??= this.#clock.setTimeout(() => this.#tell(), wait);
  }

  #tell(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#stale = false;
    this.#reported = this.#clock.now();
    try {
      this.#report(this.progress);
    } catch (error) {
      this.#raise(error);
    }
  }
}
