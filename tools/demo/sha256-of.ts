import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The digest of a file, by the system's own program. */
export async function sha256Of(path: string): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run("sha256sum", ["--", path]).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    // As macOS calls it.
    return run("shasum", ["-a", "256", path]);
  });
  return stdout.slice(0, 64);
}
