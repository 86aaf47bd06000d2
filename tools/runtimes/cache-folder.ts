import { homedir } from "node:os";
import { join } from "node:path";

/**
 * A folder that outlives runs, and lies outside the repository: what is installed there must not find the repository's
 * own `node_modules` above it.
 */
export function cacheFolder(name: string): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "sluice-runtimes", name);
}
