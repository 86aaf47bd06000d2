import type { IncomingMessage, ServerResponse } from "node:http";
import type { FaultAction } from "./fault-rule.ts";
import { IncomingBody } from "./incoming-body.ts";
import type { RequestRecord } from "./request-log.ts";

/** One request and the place for its reply. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly record: RequestRecord;
  readonly fault: FaultAction;
  readonly params: Readonly<Record<string, string>>;
  readonly body: IncomingBody;
  readonly started: number = performance.now();
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    details: Pick<Exchange, "url" | "record" | "fault" | "params">,
  ) {
    this.request = request;
    this.response = response;
    this.url = details.url;
    this.record = details.record;
    this.fault = details.fault;
    this.params = details.params;
    this.body = new IncomingBody(
      request,
      details.fault,
      () => this.reset(),
      (bytes) => {
        this.record.bytesReceived += bytes;
      },
    );
    const gone = new AbortController();
    this.gone = gone.signal;
    response.once("close", () => {
      if (this.record.outcome === "open") this.record.outcome = response.writableFinished ? "answered" : "aborted";
      gone.abort();
    });
  }

  /** Ends the connection as a crashed server does: no reply, a reset. */
  reset(): void {
    this.record.outcome = "reset";
    this.request.socket.resetAndDestroy();
  }
}
