import type { Clock } from "@sluice/retry";

/** 23 days: from 2³¹ ms on a timer's delay overflows, and it fires at once. */
const LONGEST_TIMER = 2e9;

/** Calls `wake` at `time`, however far away; at once if that has passed. The function it returns calls that off. */
export function sleepUntil(clock: Clock, time: number, wake: () => void): () => void {
  let timer: unknown;
  const check = (): void => {
    const left = time - clock.now();
    if (left > 0) timer = clock.setTimeout(check, Math.min(left, LONGEST_TIMER));
    else wake();
  };
  check();
  return () => clock.clearTimeout(timer);
}
