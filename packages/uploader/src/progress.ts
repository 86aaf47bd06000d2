/** Where an upload stands. Bytes, and bytes a second. */
export interface Progress {
  /** Handed to the transport, repeated parts included once: it goes back when an attempt fails. */
  readonly sent: number;
  /** Confirmed by the target; never goes back. */
  readonly acknowledged: number;
  readonly total: number | undefined;
  /** Bytes acknowledged a second, over the last ten seconds; undefined until something is. */
  readonly rate: number | undefined;
  /** Milliseconds that are left at this rate. */
  readonly eta: number | undefined;
  readonly parts: { readonly done: number; readonly total: number };
}

const WINDOW = 10_000;
/** Reports are at most ten a second, the last one apart. */
const PAUSE = 100;

/** Counts what the parts report, and tells `report` at a bounded rate. */
export class ProgressMeter {
  readonly #total: number;
  readonly #parts: number;
  readonly #now: () => number;
  readonly #report: (progress: Progress) => void;
  readonly #samples: { time: number; acknowledged: number }[] = [];
  #inFlight = 0;
  #acknowledged = 0;
  #done = 0;
  #reported = Number.NEGATIVE_INFINITY;

  constructor(total: number, parts: number, now: () => number, report: (progress: Progress) => void) {
    this.#total = total;
    this.#parts = parts;
    this.#now = now;
    this.#report = report;
    this.#samples.push({ time: now(), acknowledged: 0 });
  }

  /** Bytes handed to the transport; negative where an attempt failed and they will go again. */
  sent(bytes: number): void {
    this.#inFlight += bytes;
    this.#tell(false);
  }

  /** A part of `size` bytes is at the target, `sent` of which had been reported as sent. */
  acknowledge(size: number, sent: number): void {
    this.#inFlight -= sent;
    this.#acknowledged += size;
    this.#done += 1;
    this.#samples.push({ time: this.#now(), acknowledged: this.#acknowledged });
    this.#tell(this.#done === this.#parts);
  }

  #tell(last: boolean): void {
    const now = this.#now();
    if (!last && now - this.#reported < PAUSE) return;
    this.#reported = now;
    while (this.#samples.length > 1 && now - (this.#samples[1]?.time ?? now) >= WINDOW) this.#samples.shift();
    const oldest = this.#samples[0] ?? { time: now, acknowledged: 0 };
    const gained = this.#acknowledged - oldest.acknowledged;
    const rate = gained > 0 && now > oldest.time ? (gained * 1000) / (now - oldest.time) : undefined;
    this.#report({
      sent: this.#acknowledged + this.#inFlight,
      acknowledged: this.#acknowledged,
      total: this.#total,
      rate,
      eta: rate === undefined ? undefined : ((this.#total - this.#acknowledged) * 1000) / rate,
      parts: { done: this.#done, total: this.#parts },
    });
  }
}
