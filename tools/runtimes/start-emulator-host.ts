import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The process that starts emulators and serves pages. */
export interface EmulatorHost extends AsyncDisposable {
  readonly url: string;
}

/** Starts it, with the emulator that is installed in a project. */
export async function startEmulatorHost(project: string): Promise<EmulatorHost> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "emulator-host.ts"), project], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const [url] = (await Promise.race([once(createInterface(child.stdout), "line"), closed])) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await closed;
    },
  };
}
