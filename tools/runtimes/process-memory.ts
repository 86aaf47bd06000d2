import { readFile, writeFile } from "node:fs/promises";

/** What processes hold in memory now, and have held at most since their peaks were reset, in bytes. */
export interface ProcessMemory {
  readonly resident: number;
  readonly peak: number;
}

/** Reads it from Linux's own books, for a process and those that it started, in sum; undefined elsewhere. */
export async function memoryOf(pid: number): Promise<ProcessMemory | undefined> {
  const sum = { resident: 0, peak: 0 };
  for (const each of await familyOf(pid)) {
    const status = await readFile(`/proc/${each}/status`, "utf8").catch(() => "");
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
    sum.resident += field("VmRSS");
    sum.peak += field("VmHWM");
  }
  return sum.peak === 0 ? undefined : sum;
}

/** Makes the peaks what is held now (proc(5), `clear_refs`). */
export async function resetPeak(pid: number): Promise<void> {
  for (const each of await familyOf(pid)) await writeFile(`/proc/${each}/clear_refs`, "5").catch(() => {});
}

/** The processes that one has started, by its first thread. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return children.split(" ").filter(Boolean).map(Number);
}

async function familyOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}
