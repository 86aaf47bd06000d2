/** What is wrong with compressed data, as far as a program can make use of it. */
export type MalformedDataCode = "malformed-data" | "truncated-data" | "trailing-data" | "checksum-mismatch";

/** What `DecompressorStream` fails with when its input is no good. */
export interface MalformedDataError extends TypeError {
  /**
   * `truncated-data`: the input ended too early. `trailing-data`: something follows the end. `checksum-mismatch`: what came
   * out is not what was compressed. `malformed-data`: all else.
   */
  readonly code: MalformedDataCode;
  readonly retryable: false;
  /** Up to where, in bytes from the start of the input, nothing wrong was seen. */
  readonly offset: number;
}

/** Compression's standard asks for a plain TypeError, so there is no class; a program looks at `code`. */
export function malformedData(
  code: MalformedDataCode,
  offset: number,
  problem: string,
  cause?: unknown,
): MalformedDataError {
  const error = new TypeError(
    `Cannot decompress: ${problem}, at offset ${offset}`,
    cause === undefined ? undefined : { cause },
  );
  return Object.assign(error, { code, retryable: false, offset } as const);
}

/** An engine's word on its data; where that lies in the whole input, the engine does not know. */
export class BadData extends Error {
  readonly code: MalformedDataCode;

  constructor(code: MalformedDataCode, problem: string, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
