/** The emulator's time: what expiry and every timestamp in a reply is computed from. */
export interface Clock {
  now(): Date;
  /** Moves the time forward by so many milliseconds. */
  advance(milliseconds: number): void;
}

/**
 * Makes a clock that tests can move. Without `start` it runs with the real time and keeps what it was advanced by;
 * with `start` it stands still there until it is advanced.
 *
 * @throws {RangeError} when `start` is an invalid date, or `advance` is given anything but a non-negative number
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { createClock } from "@sluice/emulator";
 *
 * const clock = createClock(new Date("2026-01-01T00:00:00Z"));
 * clock.advance(3_600_000);
 * strictEqual(clock.now().toISOString(), "2026-01-01T01:00:00.000Z");
 * ```
 */
export function createClock(start?: Date): Clock {
  if (start !== undefined && Number.isNaN(start.getTime())) {
    throw new RangeError('Cannot create a clock: "start" must be a valid date, received Invalid Date');
  }
  let advanced = 0;
  return {
    now: () => new Date((start?.getTime() ?? Date.now()) + advanced),
    advance(milliseconds) {
      if (!(Number.isFinite(milliseconds) && milliseconds >= 0)) {
        throw new RangeError(
          `Cannot advance the clock: "milliseconds" must be a non-negative number, received ${milliseconds}`,
        );
      }
      advanced += milliseconds;
    },
  };
}
