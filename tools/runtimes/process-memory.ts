import { readdir, readFile } from "node:fs/promises";

/**
 * What a process and those that it started hold in memory, in bytes, from Linux's own books; undefined elsewhere. What
 * they share is counted once, and what is a file's, such as their programs, not at all: a browser's dozen of processes
 * would be counted three times over by the memory that is resident.
 */
export async function memoryOf(pid: number): Promise<number | undefined> {
  const sizes = await Promise.all((await familyOf(pid)).map(heldBy));
  const sum = sizes.reduce((sum, size) => sum + size, 0);
  return sum === 0 ? undefined : sum;
}

/** The processes that one has started, by any of its threads. */
export async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const texts = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""));
  return (await Promise.all(texts)).flatMap((text) => text.split(" ").filter(Boolean).map(Number));
}

async function heldBy(pid: number): Promise<number> {
  const books = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const found = books.matchAll(/^(?:Pss_Anon|Pss_Shmem|SwapPss):\s+(\d+) kB$/gm);
  return found.reduce((sum, [, size]) => sum + Number(size) * 1024, 0);
}

async function familyOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}
