/** The connection ended before its request or reply did: nobody is left to answer. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";

  constructor() {
    super("The connection was closed before the request was complete");
  }
}
