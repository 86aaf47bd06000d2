/** What is used of a hasher of hash-wasm's; made ready to be updated. */
export interface WasmHasher {
  update(bytes: Uint8Array): unknown;
  digest(output: "binary"): Uint8Array;
  /** Its memory, behind four bytes that name the build of the module. */
  save(): Uint8Array;
  /** @throws what `save` of another build gave */
  load(state: Uint8Array): unknown;
}
