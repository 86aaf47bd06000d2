import { fork } from "node:child_process";
import { ask } from "./ask.ts";
import type { ServerCounts } from "./discarding-server.ts";

/** Totals since the start, with the process's CPU time in milliseconds. */
export interface ServerUsage extends ServerCounts {
  readonly cpu: number;
}

/** The discarding server in a process of its own. */
export interface ServerProcess extends Disposable {
  readonly url: string;
  usage(): Promise<ServerUsage>;
}

/** Starts the discarding server; disposing stops it, and so does the end of this process. */
export async function startServerProcess(): Promise<ServerProcess> {
  const child = fork(new URL("server-main.ts", import.meta.url), { execArgv: [], stdio: ["ignore", 2, 2, "ipc"] });
  const { url } = await ask<{ url: string }>(child);
  return {
    url,
    usage: () => ask<ServerUsage>(child, {}),
    [Symbol.dispose]: () => void child.kill(),
  };
}
