import { WASM_HASHERS } from "#wasm-hashers";
import type { Engine } from "./_engine.ts";
import { toHex } from "./_text.ts";
import type { WasmHasher } from "./_wasm-hasher.ts";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";

/** The release that package.json pins; a test compares the two. */
export const HASH_WASM_VERSION = "4.13.0";
/** What hash-wasm puts before a state: the start of a hash of its WebAssembly. */
const BUILD_LENGTH = 4;

/** @throws Error where WebAssembly may not be compiled: pages whose policy forbids it. */
export async function wasmEngine(algorithm: Algorithm): Promise<Engine> {
  let hasher: WasmHasher;
  try {
    hasher = await WASM_HASHERS[algorithm]();
  } catch (cause) {
    throw new Error(
      `Cannot compute ${algorithm}: hash-wasm could not be loaded, or this runtime forbids to compile WebAssembly`,
      { cause },
    );
  }
  const engine: Engine = {
    name: "hash-wasm",
    version: `${HASH_WASM_VERSION}+${toHex(hasher.save().subarray(0, BUILD_LENGTH))}`,
    update: (bytes) => void hasher.update(bytes),
    digest: () => new Uint8Array(hasher.digest("binary")),
  };
  if (!ALGORITHMS[algorithm].polynomial) {
    return { ...engine, save: () => hasher.save(), load: (state) => void hasher.load(state) };
  }
  return {
    ...engine,
    save() {
      // A CRC's value shows only at its end, which hash-wasm can take back within one instance.
      const state = hasher.save();
      const value = hasher.digest("binary");
      hasher.load(state);
      return value;
    },
  };
}
