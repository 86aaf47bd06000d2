/** The most that kie.ai advises base64 for. */
export const LARGEST_BASE64 = 10_000_000;

/** More bytes than base64 is for, and nobody has said that it is meant. */
export class Base64TooLargeError extends Error {
  override readonly name = "Base64TooLargeError";
  readonly code = "too-large";
  readonly retryable = false;
  /** Of the file; undefined where it is a stream whose end was not seen. */
  readonly size: number | undefined;
  readonly limit: number = LARGEST_BASE64;

  constructor(name: string, size: number | undefined, options?: ErrorOptions) {
    super(
      `Cannot send "${name}" to kie.ai as base64: it has ${size ?? `more than ${LARGEST_BASE64}`} bytes, kie.ai advises base64 for up to ${LARGEST_BASE64}, and a third more would be sent. Leave out "method" to stream it, or set "allowLarge: true" if it is meant.`,
      options,
    );
    this.size = size;
  }
}
