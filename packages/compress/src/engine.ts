import { nativeClasses } from "./native-classes.ts";
import { nodeZlib } from "./node-zlib.ts";
import { refuse } from "./refuse.ts";

/**
 * What does the work. `zlib`: the runtime's `node:zlib`, on threads of its own. `native`: the platform's
 * `CompressionStream` and `DecompressionStream`. `fflate`: JavaScript on this thread, which runs everywhere.
 */
export type CompressionEngine = "zlib" | "native" | "fflate";

/** What an engine is asked for. */
export interface EngineNeeds {
  /** The platform's class that would do it. */
  readonly native: keyof typeof nativeClasses;
  /** An option that the platform's class does not have, as `"level"`, if one is used. */
  readonly beyondNative: string | undefined;
}

/**
 * The engine that was asked for, or else the best that this runtime has for what is needed.
 * @throws {RangeError} when the one asked for is not there, or cannot do it.
 */
export function chooseEngine(action: string, asked: unknown, needs: EngineNeeds): CompressionEngine {
  const hasNative = nativeClasses[needs.native] !== undefined;
  switch (asked) {
    case undefined:
      if (nodeZlib()) return "zlib";
      return hasNative && needs.beyondNative === undefined ? "native" : "fflate";
    case "zlib":
      if (!nodeZlib())
        return refuse(action, "engine", `"native" or "fflate" where there is no node:zlib`, asked, "string");
      return asked;
    case "native":
      if (needs.beyondNative !== undefined) {
        return refuse(action, "engine", `"zlib" or "fflate" with ${needs.beyondNative}`, asked, "string");
      }
      if (!hasNative) {
        const expected = `"zlib" or "fflate" where there is no ${needs.native} that can be used`;
        return refuse(action, "engine", expected, asked, "string");
      }
      return asked;
    case "fflate":
      return asked;
    default:
      return refuse(action, "engine", '"zlib", "native" or "fflate"', asked, "string");
  }
}
