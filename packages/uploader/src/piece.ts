import type { ByteSource } from "@sluice/source";

/** The bytes of one part, ready to be sent. Parts come in order, from an async generator that ends with its signal. */
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
