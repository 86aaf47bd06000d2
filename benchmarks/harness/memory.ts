import { readFileSync } from "node:fs";
import { memoryUsage, resourceUsage } from "node:process";
import { getHeapSpaceStatistics } from "node:v8";

const linux = process.platform === "linux";

/** The most memory this process has held, in bytes. */
export function peakRss(): number {
  // Linux starts a child's maxRSS at its parent's peak (execve carries it over): 404 MiB was read in a child that used
  // 45 MiB and had a parent of 445 MiB. VmHWM belongs to the program alone.
  return linux ? procStatus("VmHWM") : resourceUsage().maxRSS * 1024;
}

/** The memory this process holds, in bytes. */
export function currentRss(): number {
  return memoryUsage.rss();
}

/**
 * What V8's young generation takes of this process's memory, in bytes: as much of it as was ever written to. V8 doubles
 * it whenever much was found alive in it, and hardly ever makes it smaller: it tells how long a process has worked.
 */
export function youngGeneration(): number {
  // What is alive for two collections is moved to the old generation: nothing that a program gathers stays in here.
  const young = getHeapSpaceStatistics().filter(({ space_name }) => space_name.startsWith("new_"));
  return young.reduce((sum, { physical_space_size }) => sum + physical_space_size, 0);
}

/**
 * The memory another process holds, in bytes; undefined where it cannot be seen: off Linux, or when the process is gone.
 *
 * @param pid The process.
 */
export function rssOf(pid: number): number | undefined {
  if (!linux) return undefined;
  try {
    return procStatus("VmRSS", pid);
  } catch {
    return undefined;
  }
}

function procStatus(field: string, pid: number | "self" = "self"): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(kibibytes) * 1024;
}
