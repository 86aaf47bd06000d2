import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { Pulse } from "../pulse.ts";
import { isLoopback } from "./fetch-file.ts";
import type { Job } from "./job.ts";

/** Waits before another attempt, in real time. */
const WAITS = [100, 400, 1600] as const;

export interface CallbackServices {
  readonly clock: Clock;
  readonly pulse: Pulse;
  /** What callbacks are signed with; undefined leaves them unsigned. */
  readonly webhookKey: string | undefined;
}

/** Tells a job's callback of its end, once. Addresses that are not of this machine are not called. */
export async function followWithCallback(job: Job, services: CallbackServices): Promise<void> {
  const { id, callBackUrl } = job.details;
  if (callBackUrl === undefined || !isLoopback(new URL(callBackUrl))) return;
  const { clock, pulse } = services;
  await pulse.until(() => job.isOver(clock.now()));
  if (pulse.closed.aborted) return;
  const body = JSON.stringify({ code: 200, msg: "success", data: job.record(clock.now()) });
  await deliver(callBackUrl, id, body, services);
}

/** Posts it, and tries again where no answer comes, or one of a failing server. The body is not signed. */
async function deliver(url: string, id: string, body: string, services: CallbackServices): Promise<void> {
  const { clock, pulse, webhookKey } = services;
  for (const wait of [...WAITS, undefined]) {
    if (pulse.closed.aborted) return;
    const timestamp = String(Math.floor(clock.now().getTime() / 1000));
    const signature = webhookKey && createHmac("sha256", webhookKey).update(`${id}.${timestamp}`).digest("base64");
    try {
      const reply = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: {
          "content-type": "application/json",
          ...(signature && { "x-webhook-timestamp": timestamp, "x-webhook-signature": signature }),
        },
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
