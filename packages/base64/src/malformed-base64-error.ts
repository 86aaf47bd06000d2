/** What was to be decoded is no base64 of the kind asked for. */
export class MalformedBase64Error extends SyntaxError {
  override readonly name = "MalformedBase64Error";
  readonly code = "malformed-base64";
  readonly retryable = false;
  /**
   * Where it is wrong, from the start of the input: in bytes, or in UTF-16 code units where the input is text. It is the
   * length of the input when something is missing at its end.
   */
  readonly offset: number;

  constructor(offset: number, expected: string, received: string | undefined) {
    super(
      `Cannot decode base64: expected ${expected} at offset ${offset}, received ${JSON.stringify(received) ?? "nothing more"}`,
    );
    this.offset = offset;
  }
}
