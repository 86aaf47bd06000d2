import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { isLit } from "./_beacon.ts";

/** Who holds a lock, in terms that a process which comes later can check. */
export interface LockOwner {
  /** Of this lock alone, never used again. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** Of the running kernel: another one after a restart. Linux. */
  readonly boot?: string;
  /** In which processes are numbered: a container has its own. Linux. */
  readonly space?: string;
  /** When the process was started, in the kernel's ticks: another one when its number is used again. Linux. */
  readonly started?: string;
  /** The name of the socket that is open as long as the process lives. */
  readonly beacon?: string;
}

/** This process, as far as the platform tells. */
export async function thisProcess(): Promise<Pick<LockOwner, "pid" | "host" | "boot" | "space" | "started">> {
  const [boot, space, started] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined),
    readlink("/proc/self/ns/pid").catch(() => undefined),
    startOf("self").catch(() => undefined),
  ]);
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot !== undefined && { boot: boot.trim() }),
    ...(space !== undefined && { space }),
    ...(started !== undefined && started !== "gone" && { started }),
  };
}

/** The owner that a lock's file names; undefined where it names none. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    const { id, pid, host, since, beacon } = owner;
    // The id and the beacon become file names, the number a signal's address.
    const safe = /^[\da-f-]{36}$/.test(id) && (beacon === undefined || /^[\da-f-]+\.alive$/.test(beacon));
    const whole = Number.isSafeInteger(pid) && pid > 0 && typeof host === "string" && !Number.isNaN(Date.parse(since));
    return safe && whole ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the owner may still be there. Of what runs on another machine nothing can be known: it is taken to be there.
 */
export async function mayLive(owner: LockOwner, folder: string): Promise<boolean> {
  const me = await thisProcess();
  const sameMachine = owner.boot && me.boot ? owner.boot === me.boot : owner.host === me.host;
  // The machine has been started anew, or another one has taken its place and name.
  if (!sameMachine) return owner.host !== me.host;
  const lit = owner.beacon === undefined ? undefined : await isLit(folder, owner.beacon);
  if (lit !== undefined) return lit;
  if (owner.space !== undefined && me.space !== undefined && owner.space !== me.space) return true;
  return isRunning(owner);
}

async function isRunning({ pid, started }: LockOwner): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Anything else than "no such process" says that there is one.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  const now = await startOf(String(pid)).catch(() => undefined);
  return now !== "gone" && (now === undefined || started === undefined || now === started);
}

/** A process's start time, from its status line; "gone" for one that only waits to be buried. */
async function startOf(pid: string): Promise<string | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold anything. After it come the state, and as the 20th field from there the start.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "gone" : fields[19];
}
