import { subscribe } from "node:diagnostics_channel";
import type { HttpEvent } from "@sluice/http";
import type { Output } from "./output.ts";

/** Requests under way in this process, as its clients publish them; each is told with `--verbose`. */
export class Traffic {
  /** Requests whose reply has not come, each of which has a connection to itself. */
  inFlight = 0;

  constructor(output: Output) {
    subscribe("sluice:http", (message) => {
      const event = message as HttpEvent;
      if (event.type === "request") this.inFlight += 1;
      if (event.type === "reply" || event.type === "failure") this.inFlight -= 1;
      if (output.verbose) output.detail(textOf(event));
    });
  }
}

function textOf(event: HttpEvent): string {
  const what = `${event.method} ${event.url}`;
  switch (event.type) {
    case "request":
      return `> ${what}${event.size === undefined ? "" : ` (${event.size} bytes)`}${event.attempt > 1 ? `, attempt ${event.attempt}` : ""}`;
    case "reply":
      return `< ${event.status} ${what} after ${Math.round(event.duration)} ms${event.requestId === undefined ? "" : `, request ${event.requestId}`}`;
    case "failure":
      return `! ${what} after ${Math.round(event.duration)} ms: ${messageOf(event.error)}`;
    case "retry":
      return `! ${what} goes again in ${Math.round(event.delay)} ms`;
    case "redirect":
      return `< ${event.status} ${what} leads to ${event.to}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
