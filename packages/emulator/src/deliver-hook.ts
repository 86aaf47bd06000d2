import { setTimeout as sleep } from "node:timers/promises";
import type { Pulse } from "./pulse.ts";

/** Waits before another attempt, in real time. */
const WAITS = [100, 400, 1600] as const;

/**
 * Posts JSON to whoever waits for it, and tries again where no answer comes, or one of a failing server.
 *
 * @param headers - asked for before each attempt: they hold its time
 */
export async function deliverHook(
  url: string,
  body: string,
  headers: () => Record<string, string>,
  pulse: Pulse,
): Promise<void> {
  for (const wait of [...WAITS, undefined]) {
    if (pulse.closed.aborted) return;
    try {
      const reply = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/json", ...headers() },
        body,
        signal: pulse.closed,
      });
      await reply.body?.cancel();
      if (reply.status < 500) return;
    } catch {
      // Nobody there, or not any more.
    }
    if (wait === undefined) return;
    await sleep(wait, undefined, { signal: pulse.closed, ref: false }).catch(() => {});
  }
}
