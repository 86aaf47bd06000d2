import type { Clock } from "@sluice/retry";

/** Milliseconds between two timers. */
const TICK = 10;

interface Slot {
  readonly handles: Set<Handle>;
  readonly drop: () => void;
}
interface Handle {
  readonly slot: Slot;
  readonly callback: () => void;
}

/**
 * Any number of timers on a hundred a second of another clock's, at most: they fire up to a tick late, those of one tick
 * together, in the order of their making.
 */
export class Wheel implements Clock {
  readonly now: () => number;
  readonly #clock: Clock;
  readonly #slots = new Map<number, Slot>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.now = () => clock.now();
  }

  setTimeout(callback: () => void, delay: number): Handle {
    const now = this.now();
    // Never the tick that it is: what asks for the smallest of delays must not be called again and again within one.
    const place = Math.max(Math.ceil((now + delay) / TICK), Math.floor(now / TICK) + 1);
    const slot = this.#slots.get(place) ?? this.#open(place, place * TICK - now);
    const handle = { slot, callback };
    slot.handles.add(handle);
    return handle;
  }

  clearTimeout(handle: Handle | undefined): void {
    if (handle?.slot.handles.delete(handle) && !handle.slot.handles.size) handle.slot.drop();
  }

  #open(place: number, delay: number): Slot {
    const handles = new Set<Handle>();
    const timer = this.#clock.setTimeout(() => {
      this.#slots.delete(place);
      for (const { callback } of handles) callback();
    }, delay);
    const drop = (): void => {
      this.#clock.clearTimeout(timer);
      this.#slots.delete(place);
    };
    const slot = { handles, drop };
    this.#slots.set(place, slot);
    return slot;
  }
}
