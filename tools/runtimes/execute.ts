import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Runs a command to its end.
 *
 * @returns what it printed
 * @throws {Error} with the end of its output, when it fails
 */
export async function execute(
  command: string,
  args: readonly string[],
  options: { cwd?: string; timeout?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await run(command, args, { ...options, maxBuffer: 1 << 26, killSignal: "SIGKILL" });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const output = `${stdout}\n${stderr}`.trim().slice(-4000);
    throw new Error(`${command} ${args.join(" ")} failed: ${output || (error as Error).message}`, { cause: error });
  }
}
