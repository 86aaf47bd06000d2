import { type Clock, startTimer } from "@sluice/retry";

/** Who waits for a turn. One object for all its turns: what 10,000 tasks would allocate for each sleep is old garbage soon. */
export interface Waiting {
  /** When it is due. */
  due: number;
  /** Where it stands in the heap; -1 while it does not. */
  place: number;
  /** Its turn has come; one `leave()` must follow. */
  go(): void;
}

/** Least milliseconds between two timers: a thousand tasks that are due within a second need not be a thousand timers. */
const SLACK = 10;
/** How far reads may fall behind their even spacing and still catch up: a timer that is late must not cost rate. */
const CATCH_UP = 2 * SLACK;
/**
 * Who may talk to the server, and when: first due, first served; so many a second, so many at once. A binary heap in which
 * each knows its place, so that one can leave it at any time, and one timer.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #spacing: number;
  readonly #check: (now: number) => number;
  readonly #heap: Waiting[] = [];
  #free: number;
  #serving = false;
  #next = -Infinity;
  #woken = -Infinity;
  #callOff: (() => void) | undefined;
  #timerAt = Infinity;
  readonly #wake = (): void => {
    this.#timerAt = Infinity;
    this.#woken = this.#clock.now();
    this.#serve();
  };

  /** @param check called at each waking; says when it wants to be called next */
  constructor(clock: Clock, rate: number, concurrency: number, check: (now: number) => number) {
    this.#clock = clock;
    this.#spacing = 1000 / rate;
    this.#free = concurrency;
    this.#check = check;
  }

  add(waiting: Waiting): void {
    this.#put(waiting, this.#heap.length);
    this.#serve();
  }

  remove(waiting: Waiting): void {
    if (this.#heap[waiting.place] !== waiting) return;
    const last = this.#heap.pop() as Waiting;
    if (last !== waiting) this.#put(last, waiting.place);
    waiting.place = -1;
    this.#serve();
  }

  /** Forgets all who wait. */
  clear(): void {
    this.#heap.length = 0;
    this.#serve();
  }

  leave(): void {
    this.#free += 1;
    this.#serve();
  }

  #serve(): void {
    // What the check and those who go do meanwhile is seen below.
    if (this.#serving) return;
    this.#serving = true;
    const now = this.#clock.now();
    this.#check(now);
    let first = this.#heap[0];
    while (first && first.due <= now && this.#free && this.#next <= now) {
      this.remove(first);
      this.#free -= 1;
      this.#next = Math.max(this.#next, now - CATCH_UP) + this.#spacing;
      first.go();
      first = this.#heap[0];
    }
    // Again, for the reads that have begun.
    const checkAt = this.#check(now);
    this.#serving = false;
    [first] = this.#heap;
    const serveAt = first && this.#free ? Math.max(first.due, this.#next) : Infinity;
    this.#wakeAt(Math.max(Math.min(checkAt, serveAt), this.#woken + SLACK), now);
  }

  #wakeAt(time: number, now: number): void {
    if (time === this.#timerAt) return;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#timerAt = time;
    if (time < Infinity) this.#callOff = startTimer(this.#clock, Math.max(0, time - now), this.#wake);
  }

  /** Puts one into the gap at `place`, having moved the gap to where it belongs. */
  #put(waiting: Waiting, place: number): void {
    const heap = this.#heap;
    const dueAt = (index: number): number => heap[index]?.due ?? Infinity;
    const fillFrom = (index: number): void => {
      const moved = heap[index] as Waiting;
      heap[place] = moved;
      moved.place = place;
      place = index;
    };
    while (place && dueAt((place - 1) >> 1) > waiting.due) fillFrom((place - 1) >> 1);
    for (let child = 2 * place + 1; child < heap.length; child = 2 * place + 1) {
      if (dueAt(child + 1) < dueAt(child)) child += 1;
      if (dueAt(child) >= waiting.due) break;
      fillFrom(child);
    }
    heap[place] = waiting;
    waiting.place = place;
  }
}
