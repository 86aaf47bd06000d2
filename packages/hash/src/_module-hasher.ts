import { MODULE_TRAITS } from "./_module-traits.ts";
import { fromHex, toHex } from "./_text.ts";
import type { WasmHasher } from "./_wasm-hasher.ts";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";

/** What every module exports. */
interface ModuleExports {
  readonly memory: WebAssembly.Memory;
  /** Where the size of the state is written. */
  readonly STATE_SIZE: WebAssembly.Global;
  Hash_GetBuffer(): number;
  Hash_GetState(): number;
  Hash_Init(start: number): void;
  /** Takes what lies in the buffer. */
  Hash_Update(length: number): void;
  /** Leaves the digest in the buffer. */
  Hash_Final(end: number): void;
}

/** Bytes of the buffer through which a module is given its input. */
const BUFFER = 16_384;

/** Drives one of hash-wasm's modules, in an instance of its own, as hash-wasm does; their states are the same. */
export async function moduleHasher(
  algorithm: Algorithm,
  { default: module }: { readonly default: WebAssembly.Module },
): Promise<WasmHasher> {
  const { build, start = 0, prelude, end = 0 } = MODULE_TRAITS[algorithm];
  const { exports } = await WebAssembly.instantiate(module);
  const wasm = exports as unknown as ModuleExports;
  // Its memory never grows, so that views of it stay.
  const { buffer: memory } = wasm.memory;
  const buffer = new Uint8Array(memory, wasm.Hash_GetBuffer(), BUFFER);
  const stateSize = new DataView(memory).getUint32(wasm.STATE_SIZE.value, true);
  const state = new Uint8Array(memory, wasm.Hash_GetState(), stateSize);
  const mark = fromHex(build) as Uint8Array;
  if (prelude !== undefined) new DataView(memory, buffer.byteOffset).setBigUint64(0, prelude, true);
  wasm.Hash_Init(start);
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length; at += BUFFER) {
        const piece = bytes.subarray(at, at + BUFFER);
        buffer.set(piece);
        wasm.Hash_Update(piece.length);
      }
    },
    digest() {
      wasm.Hash_Final(end);
      return buffer.slice(0, ALGORITHMS[algorithm].length);
    },
    save() {
      const saved = new Uint8Array(mark.length + state.length);
      saved.set(mark);
      saved.set(state, mark.length);
      return saved;
    },
    load(saved) {
      const of = toHex(saved.subarray(0, mark.length));
      if (of !== build || saved.length !== mark.length + state.length) {
        throw new RangeError(
          `Cannot load a state: expected ${mark.length + state.length} bytes of build ${build}, received ${saved.length} of ${of}`,
        );
      }
      state.set(saved.subarray(mark.length));
    },
  };
}
