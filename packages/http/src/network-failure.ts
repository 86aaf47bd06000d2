/** What a transport throws when the network failed: what it said, and whether the server can have got the request. */
export class NetworkFailure extends Error {
  /** False where there was certainly no connection. */
  readonly reached: boolean;

  constructor(cause: unknown, reached: boolean) {
    super("The network failed", { cause });
    this.reached = reached;
  }
}
