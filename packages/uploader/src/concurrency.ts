import type { Clock } from "@sluice/retry";

/** Why an attempt failed, as far as that matters here: the target asked for less, it timed out, or anything else. */
export type FailureKind = "throttled" | "timeout" | "other";

/**
 * How many parts may be in flight. Uploads that share one share the number.
 *
 * It is told of each part, once, when it takes its place and when it leaves it; in between, of its bytes and of the
 * attempts that fail.
 */
export interface Concurrency {
  /** Parts that may be in flight now. More are, for a while, after it has fallen: none of them is cut. */
  readonly limit: number;
  /** A part takes its place. */
  started(): void;
  /**
   * Bytes that went forward: handed to the transport as they are or, where that cannot be seen, the whole part when it
   * is confirmed. Negative for those that an attempt had sent in vain.
   */
  moved(bytes: number): void;
  /** An attempt failed. */
  failed(kind: FailureKind): void;
  /** A part leaves its place. */
  ended(): void;
}

/** Always `limit` parts. */
export function fixedConcurrency(limit: number): Concurrency {
  const ignore = (): void => {};
  return { limit, started: ignore, moved: ignore, failed: ignore, ended: ignore };
}

/** What {@link adaptiveConcurrency} needs. */
export interface AdaptiveOptions {
  readonly clock: Clock;
  /** @default {32} */
  readonly max?: number | undefined;
  /** Called when the limit has changed. */
  readonly onChange?: ((limit: number) => void) | undefined;
}

/** As many as is usual; fewer only for a while, after a refusal. */
const START = 4;
/** Milliseconds over which goodput is measured, at least. */
const WINDOW = 1_000;
/** From then on a window need not hold a whole round of parts: where these are long, bytes are seen to move in them. */
const LONG_WINDOW = 3_000;
/** What new connections do at first is not looked at: they fill the sockets' buffers, which looks like goodput. */
const SETTLE = 500;
/** How long a plateau is believed in. */
const MEMORY = 30_000;
/** How long a refusal is. */
const REFUSAL_MEMORY = 10_000;
/** How much of the gain that the added connections promise has to come true. */
const GAIN = 0.15;
/** Goodput that differs by this much from the plateau's tells that something has changed. */
const CHANGE = 0.25;

/**
 * Climbs as long as goodput grows with the connections, brakes when the target refuses or does not answer.
 *
 * A raise is a trial: it doubles at first, and is taken back if goodput did not follow. What was found is believed for
 * half a minute, or until goodput is no longer what it was; then comes the next trial, a small one, which grows again
 * with success. A brake takes off three tenths, or what was on trial if that is less; from there it climbs, one at a time,
 * to just below where it was refused (to 4 at least), and tries more ten seconds later. An event that fails many parts
 * brakes once: as long as more are in flight than the limit allows, the last brake has not had its effect. It has no
 * timers: what moves moves it on.
 */
export function adaptiveConcurrency(options: AdaptiveOptions): Concurrency {
  return new AdaptiveConcurrency(options);
}

class AdaptiveConcurrency implements Concurrency {
  limit: number;
  readonly #clock: Clock;
  readonly #max: number;
  readonly #onChange: ((limit: number) => void) | undefined;
  #active = 0;
  /** When the window begins; what moved in it, in how many steps; parts that ended; whether all places were taken. */
  #from = Infinity;
  #bytes = 0;
  #steps = 0;
  #ends = 0;
  #full = false;
  /** In bytes a millisecond, before the trial or on the plateau. */
  #goodput = 0;
  /** The limit before the trial; 0 while there is none. */
  #before = 0;
  /** What the next trial adds. */
  #step: number = START;
  /** Up to here it climbs without a trial. */
  #target = 0;
  /** Until when it stays where it is. */
  #until = 0;
  /** Whether it stays there because of a refusal. */
  #refused = false;
  #braked = -Infinity;

  constructor({ clock, max = 32, onChange }: AdaptiveOptions) {
    this.#clock = clock;
    this.#max = max;
    this.#onChange = onChange;
    this.limit = Math.min(START, max);
  }

  started(): void {
    if (this.#from === Infinity) this.#measure(this.#clock.now() + SETTLE);
    this.#active += 1;
    if (this.#active >= this.limit) this.#full = true;
  }

  ended(): void {
    this.#active -= 1;
    this.#ends += 1;
  }

  moved(bytes: number): void {
    const now = this.#clock.now();
    const time = now - this.#from;
    if (time < 0) return;
    // What too many do is not what the limit makes of it.
    if (this.#active > this.limit) {
      this.#measure(now);
      return;
    }
    this.#bytes += bytes;
    this.#steps += 1;
    if (time < WINDOW || this.#steps < this.limit || (time < LONG_WINDOW && this.#ends < this.limit)) return;
    this.#decide(this.#bytes / time, now);
  }

  failed(kind: FailureKind): void {
    const { limit } = this;
    const now = this.#clock.now();
    if (kind === "other" || this.#active > limit || now - this.#braked < WINDOW) return;
    // A trial that is refused is over; what was before it was allowed.
    const next = Math.max(1, this.#before, Math.min(limit - 1, Math.ceil(limit * 0.7)));
    this.#braked = now;
    this.#before = 0;
    this.#step = 1;
    this.#target = Math.max(Math.min(START, this.#max), limit - 1);
    this.#refused = true;
    this.#until = now + REFUSAL_MEMORY;
    this.#set(next, now);
  }

  #decide(goodput: number, now: number): void {
    const { limit } = this;
    const before = this.#before;
    this.#before = 0;
    let next = limit;
    if (before > 0 && goodput < this.#goodput * (1 + GAIN * (limit / before - 1))) {
      next = before;
      this.#step = Math.ceil(next / 4);
      this.#until = now + MEMORY;
    } else {
      const same = Math.abs(goodput / this.#goodput - 1) < CHANGE;
      const held = now < this.#until && (this.#refused || same);
      this.#goodput = goodput;
      if (limit < this.#target) next += 1;
      // Where places stay empty it is the source that is slow.
      else if (this.#full && (before > 0 || !held)) {
        if (before > 0) this.#step *= 2;
        next = Math.min(limit + this.#step, this.#max);
        this.#refused = false;
        if (next > limit) this.#before = limit;
      }
    }
    this.#set(next, now);
  }

  #set(limit: number, now: number): void {
    const rises = limit > this.limit;
    const changes = limit !== this.limit;
    this.limit = limit;
    this.#measure(rises ? now + SETTLE : now);
    if (changes) this.#onChange?.(limit);
  }

  /** Begins a window. */
  #measure(from: number): void {
    this.#from = from;
    this.#bytes = this.#steps = this.#ends = 0;
    this.#full = this.#active >= this.limit;
  }
}
