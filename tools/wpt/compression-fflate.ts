// Our classes, by the engine "fflate", in place of CompressionStream and DecompressionStream.
import { installClasses } from "./compression-classes.ts";

export { expectedFailures } from "./compression-classes.ts";

export function install(): void {
  installClasses("fflate");
}
