import { fromBase64, toBase64 } from "./_text.ts";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";
import { StateRefusedError } from "./state-refused-error.ts";

/**
 * Where a hasher stands, as plain JSON. A CRC's is its value, and continues under every engine and release; any other
 * is the memory of the engine that wrote it, and is refused by any other build of it.
 *
 * It holds the last bytes that were hashed, up to a kilobyte of them, as they are: keep it as safe as the bytes.
 */
export interface HashState {
  readonly format: 1;
  readonly algorithm: string;
  /** What else determines the digest: a CRC's polynomial, a seed. */
  readonly parameters: string;
  /** Bytes hashed so far: where to go on reading. */
  readonly size: number;
  readonly engine: string;
  /** Release and build. */
  readonly engineVersion: string;
  /** In base64. */
  readonly state: string;
  /** CRC-32 of all of the above. */
  readonly checksum: string;
}

/** What wrote a state, or is to continue it. */
export interface StateEngine {
  readonly name: string;
  readonly version: string;
}

/** A CRC's state is its value, whichever engine computed it. */
export const PORTABLE: StateEngine = { name: "portable", version: "1" };

/** What a state must hold after the checks. */
export interface OpenedState {
  readonly size: number;
  readonly engineVersion: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function sealState(algorithm: Algorithm, size: number, engine: StateEngine, bytes: Uint8Array): HashState {
  return withChecksum({
    format: 1,
    algorithm,
    parameters: ALGORITHMS[algorithm].parameters,
    size,
    engine: engine.name,
    engineVersion: engine.version,
    state: toBase64(bytes),
  });
}

export function withChecksum(content: Omit<HashState, "checksum">): HashState {
  return { ...content, checksum: checksum(content) };
}

/**
 * Checks all that can be checked before an engine is loaded.
 *
 * @throws {StateRefusedError}
 */
export function openState(state: unknown, algorithm: Algorithm, engine: StateEngine): OpenedState {
  const refuse = (refusal: StateRefusedError["refusal"], detail: string) =>
    new StateRefusedError(algorithm, refusal, detail);
  if (typeof state !== "object" || state === null) throw refuse("damaged", "the state is no object");
  const given = state as HashState;
  // First of all: another format may be another checksum.
  if (given.format !== 1) {
    throw typeof given.format === "number"
      ? refuse("format", `the state is of format ${given.format}, and this release reads format 1`)
      : refuse("damaged", "the state names no format");
  }
  if (given.checksum !== checksum(given)) throw refuse("damaged", "the state's checksum does not match");
  if (given.algorithm !== algorithm) throw refuse("algorithm", `the state is of ${given.algorithm}`);
  const { length, parameters, polynomial } = ALGORITHMS[algorithm];
  if (given.parameters !== parameters) {
    throw refuse("algorithm", `the state is of ${given.parameters || "no parameters"}, expected ${parameters}`);
  }
  const [release] = engine.version.split("+");
  if (given.engine !== engine.name || String(given.engineVersion).split("+")[0] !== release) {
    throw refuse(
      "engine",
      `the state is of ${given.engine} ${given.engineVersion}, which ${engine.name} ${engine.version} cannot read`,
    );
  }
  const bytes = typeof given.state === "string" ? fromBase64(given.state) : undefined;
  if (!bytes || !Number.isSafeInteger(given.size) || given.size < 0 || (polynomial && bytes.length !== length)) {
    throw refuse("damaged", "the state's size or content is malformed");
  }
  return { size: given.size, engineVersion: given.engineVersion, bytes };
}

/** CRC-32 without a table: a state is short, and an engine may not be loaded yet. */
function checksum(state: Omit<HashState, "checksum">): string {
  const { format, algorithm, parameters, size, engine, engineVersion } = state;
  const text = JSON.stringify([format, algorithm, parameters, size, engine, engineVersion, state.state]);
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}
