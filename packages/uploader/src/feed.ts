import type { ByteSource } from "@sluice/source";

/** The bytes of one part, ready to be sent. */
export interface Piece {
  readonly index: number;
  readonly offset: number;
  readonly size: number | undefined;
  /** This range alone. */
  readonly body: ByteSource;
  /** Whether its bytes are in memory, and were counted when they were read. */
  readonly held: boolean;
  /**
   * Gives back what the part held.
   * @param arrived Whether it is at the target. Where it is not, a request that was cut may still be reading.
   */
  release(arrived: boolean): void;
}

/** Where the parts come from, in order. */
export interface Feed {
  /**
   * The next part, or undefined at the end.
   * @throws {AbortSignal["reason"]} when aborted.
   */
  next(signal: AbortSignal): Promise<Piece | undefined>;
  /** Bytes of the whole: known from the beginning, or at the end. */
  readonly size: number | undefined;
  /** Parts in all: known from the beginning, or at the end. */
  readonly parts: number | undefined;
  /** Lets go of the source, when not all of it was read. */
  close(reason: unknown): Promise<void>;
}
