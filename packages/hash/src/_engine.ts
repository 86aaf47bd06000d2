/** What computes one algorithm, once. */
export interface Engine {
  readonly name: "node:crypto" | "node:zlib" | "hash-wasm";
  /** Release and build; what a state is bound to. */
  readonly version: string;
  update(bytes: Uint8Array): void;
  /** Ends it; in memory of its own. */
  digest(): Uint8Array<ArrayBuffer>;
  /** Leaves it as it is: the value so far of a CRC, the memory of any other. Absent where that cannot be read. */
  save?(): Uint8Array;
  /** What `save` gave; not for a CRC, whose values are combined. */
  load?(state: Uint8Array): void;
}
