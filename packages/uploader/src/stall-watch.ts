import { type Clock, startTimer } from "@sluice/retry";
import { StalledError } from "./stalled-error.ts";

/** What {@link watchAttempt} needs. */
export interface WatchOptions {
  readonly clock: Clock;
  /** Milliseconds without a byte; `Infinity` for no limit. */
  readonly stallTimeout: number;
  /** Ends the attempt, too. */
  readonly signal: AbortSignal;
}

/** A watch over one attempt. */
export interface AttemptWatch {
  /** Aborted with the caller's reason or a `StalledError`. */
  readonly signal: AbortSignal;
  /** A byte has moved. Cheap enough to be called for each chunk. */
  moved(): void;
  /** From now on its bytes cannot be seen: it has to be over within so many milliseconds instead. */
  blind(deadline: number): void;
  /** The attempt is made to wait, by a pause or by the rate: time stands still until as many releases. */
  hold(): void;
  release(): void;
  /** It is over: no timer and no listener stays. */
  dispose(): void;
}

/** Cuts an attempt when not a byte moves for `stallTimeout`. */
export function watchAttempt(options: WatchOptions): AttemptWatch {
  return new Watch(options);
}

class Watch implements AttemptWatch {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #options: WatchOptions;
  /** When a byte moved last, and when the deadline is once it is blind: on a clock that stands still while it is held. */
  #last: number;
  #end = Infinity;
  #deadline = Infinity;
  #holds = 0;
  #heldSince = 0;
  #over = false;
  #callOff: (() => void) | undefined;

  constructor(options: WatchOptions) {
    const { clock, signal } = options;
    this.#options = options;
    this.#last = clock.now();
    this.signal = this.#controller.signal;
    if (signal.aborted) this.#stop();
    else {
      signal.addEventListener("abort", this.#stop);
      this.#wait();
    }
  }

  moved(): void {
    this.#last = this.#options.clock.now();
  }

  blind(deadline: number): void {
    this.#deadline = deadline;
    this.#end = (this.#holds > 0 ? this.#heldSince : this.#options.clock.now()) + deadline;
    this.#callOff?.();
    this.#wait();
  }

  hold(): void {
    if (this.#holds === 0) this.#heldSince = this.#options.clock.now();
    this.#holds += 1;
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    const held = this.#options.clock.now() - this.#heldSince;
    this.#last += held;
    this.#end += held;
    if (!this.#callOff) this.#wait();
  }

  dispose(): void {
    this.#over = true;
    this.#callOff?.();
    this.#options.signal.removeEventListener("abort", this.#stop);
  }

  /**
   * Looks when it could be too late at the soonest. One timer that fires too early costs a look in all that time; one set
   * for each chunk would cost more than to send it.
   */
  #wait(): void {
    const { clock, stallTimeout } = this.#options;
    const blind = this.#deadline < Infinity;
    this.#callOff = undefined;
    if (this.#over || this.#holds > 0) return;
    const left = (blind ? this.#end : this.#last + stallTimeout) - clock.now();
    if (left > 0) this.#callOff = startTimer(clock, left, () => this.#wait());
    else this.#cut(blind ? new StalledError("deadline", this.#deadline) : new StalledError("stall", stallTimeout));
  }

  readonly #stop = (): void => this.#cut(this.#options.signal.reason);

  #cut(reason: unknown): void {
    this.dispose();
    this.#controller.abort(reason);
  }
}
