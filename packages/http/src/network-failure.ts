import type { Incoming } from "./transport.ts";

/** What a transport throws when the network failed: what it said, and whether the server can have got the request. */
export class NetworkFailure extends Error {
  /** False where there was certainly no connection. */
  readonly reached: boolean;
  /** The reply that broke off, where one had begun. */
  readonly reply: Omit<Incoming, "body"> | undefined;

  constructor(cause: unknown, reached: boolean, reply?: Omit<Incoming, "body">) {
    super("The network failed", { cause });
    this.reached = reached;
    this.reply = reply;
  }
}
