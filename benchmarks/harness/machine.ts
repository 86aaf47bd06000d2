import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

/** Where and when numbers were taken; without it they mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In bytes. */
  readonly memory: number;
  readonly system: string;
  /** Processes waiting for a core over the last minute, before the first case: what else was going on. */
  readonly load: number;
  readonly node: string;
  readonly date: string;
}

/** Describes this machine, now. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    load: loadavg()[0] ?? 0,
    node: process.version,
    date: new Date().toISOString(),
  };
}
