import { createHmac } from "node:crypto";
import type { Clock } from "../clock.ts";
import { deliverHook } from "../deliver-hook.ts";
import { isLoopback } from "../is-loopback.ts";
import type { Pulse } from "../pulse.ts";
import type { Job } from "./job.ts";

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
  const { clock, pulse, webhookKey } = services;
  await pulse.until(() => job.isOver(clock.now()));
  if (pulse.closed.aborted) return;
  const body = JSON.stringify({ code: 200, msg: "success", data: job.record(clock.now()) });
  // The body is not signed.
  const signed = (): Record<string, string> => {
    if (webhookKey === undefined || webhookKey === "") return {};
    const timestamp = String(Math.floor(clock.now().getTime() / 1000));
    const signature = createHmac("sha256", webhookKey).update(`${id}.${timestamp}`).digest("base64");
    return { "x-webhook-timestamp": timestamp, "x-webhook-signature": signature };
  };
  await deliverHook(callBackUrl, body, signed, pulse);
}
