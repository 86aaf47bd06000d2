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

/**
 * Takes a part over, which is its own to release from then on. Resolves when there is a place for it, and the next one may
 * be made; rejects when the upload has ended.
 */
export type SendPiece = (piece: Piece) => Promise<void>;
