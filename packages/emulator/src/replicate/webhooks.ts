import { createHmac, randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { deliverHook } from "../deliver-hook.ts";
import { isLoopback } from "../is-loopback.ts";
import type { Pulse } from "../pulse.ts";
import { isOver, type Moment, type Prediction } from "./prediction.ts";

/** `output` and `logs` come at most this often, by the emulator's clock. */
const SPACING = 500;

export interface WebhookServices {
  readonly clock: Clock;
  readonly pulse: Pulse;
  /** `whsec_` and the key in base64. */
  readonly secret: string;
  readonly show: (prediction: Prediction) => Record<string, unknown>;
}

/** Follows a prediction and tells its webhook. Addresses that are not of this machine are not called. */
export async function followWithWebhook(prediction: Prediction, services: WebhookServices): Promise<void> {
  const { webhook, webhookEvents = ["start", "output", "logs", "completed"] } = prediction.details;
  if (webhook === undefined || !isLoopback(new URL(webhook))) return;
  const { clock, pulse, show } = services;
  let last: Moment | undefined;
  let lastOutput = -Infinity;
  for (;;) {
    const now = clock.now();
    const moment = prediction.at(now);
    const events: string[] = [];
    if (moment.startedAt !== undefined && last?.startedAt === undefined) events.push("start", "logs");
    const grown = sizeOf(moment) > (last === undefined ? 0 : sizeOf(last));
    const due = now.getTime() - lastOutput >= SPACING;
    if (grown && due && !isOver(moment.status)) {
      events.push("output");
      lastOutput = now.getTime();
    }
    if (isOver(moment.status)) events.push("completed");
    for (const event of events) {
      if (webhookEvents.includes(event)) await deliver(webhook, JSON.stringify(show(prediction)), services);
    }
    if (isOver(moment.status) || pulse.closed.aborted) return;
    last = grown && !due ? { ...moment, output: last?.output } : moment;
    const known = last;
    await pulse.until(() => {
      const later = prediction.at(clock.now());
      const mayTell = clock.now().getTime() - lastOutput >= SPACING;
      return later.status !== known.status || (mayTell && sizeOf(later) > sizeOf(known));
    });
    if (pulse.closed.aborted) return;
  }
}

/** Signs and posts a body. */
async function deliver(webhook: string, body: string, { clock, pulse, secret }: WebhookServices): Promise<void> {
  const id = `msg_${randomUUID().replaceAll("-", "")}`;
  const key = Buffer.from(secret.slice(secret.lastIndexOf("_") + 1), "base64");
  const signed = () => {
    const timestamp = Math.floor(clock.now().getTime() / 1000);
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    return {
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    };
  };
  await deliverHook(webhook, body, signed, pulse);
}

function sizeOf({ output }: Moment): number {
  if (output === undefined || output === null) return 0;
  return Array.isArray(output) ? output.length : 1;
}
