import { fork } from "node:child_process";
import { once } from "node:events";
import type { Emulator } from "@sluice/emulator";

/** An emulator in a process of its own, so that what it costs is not counted as the client's. */
export interface EmulatorProcess {
  readonly urls: Emulator["urls"];
  stop(): Promise<void>;
}

export async function startEmulatorProcess(): Promise<EmulatorProcess> {
  const child = fork(new URL("emulator-main.ts", import.meta.url));
  const [urls] = (await once(child, "message")) as [Emulator["urls"]];
  return {
    urls,
    async stop() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
