import { createHash, randomUUID } from "node:crypto";
import { constants, copyFile, link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LockedError } from "../locked-error.ts";
import { lightBeacon } from "./_beacon.ts";
import { codeOf } from "./_file-error.ts";
import { type LockOwner, mayLive, parseOwner, thisProcess } from "./_lock-owner.ts";

/** What file systems answer that have no hard links. */
const NO_LINKS = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EACCES", "EINVAL"]);
/** Where a lock cannot be put in place at once with what it says, one that says nothing may be in the making. */
const IN_THE_MAKING = 10_000;

/** A file in the place of a lock, and whom it names. */
interface Occupant {
  readonly id: string;
  readonly owner: LockOwner | undefined;
  readonly changed: number;
}

/**
 * Takes the lock at a path, for as long as this process lives or until it is given back.
 *
 * The file there names its owner, and is put in place whole, by a link, which fails where there is one. An owner who is
 * gone is succeeded in two steps: a claim, a file named after the dead lock's id, which only one process can make; and
 * a rename of that claim over the dead lock. A claim counts only if the dead lock is still in place after it was made:
 * ids are never used again, so whoever decided on what it saw long ago claims something that is no more, and nobody ever
 * removes the lock of someone who lives. A claimant that died is succeeded in the same way.
 *
 * @returns what gives it back.
 * @throws {LockedError} when someone has it who may still live.
 */
export async function acquireFileLock(path: string, key: string): Promise<() => Promise<void>> {
  const folder = dirname(path);
  const beacon = await lightBeacon(folder);
  const owner: LockOwner = {
    id: randomUUID(),
    ...(await thisProcess()),
    since: new Date().toISOString(),
    ...(beacon && { beacon: beacon.name }),
  };
  const own = `${path}.${owner.id}.new`;
  try {
    await writeFile(own, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
    while (!(await tryOnce(own, path, key)));
  } catch (error) {
    await beacon?.close();
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  return async () => {
    try {
      // Someone may have removed it by hand, and someone else have put theirs there.
      if ((await occupantOf(path))?.id === owner.id) await rm(path, { force: true });
    } finally {
      await beacon?.close();
    }
  };
}

/** @returns whether it was taken; false when what was seen has changed meanwhile. */
async function tryOnce(own: string, path: string, key: string): Promise<boolean> {
  const dead: Occupant[] = [];
  let place = path;
  while (!(await put(own, place))) {
    const occupant = await occupantOf(place);
    if (occupant === undefined) return false;
    if (await isAlive(occupant, dirname(path))) throw locked(key, occupant, path);
    dead.push(occupant);
    place = claimOn(path, occupant);
  }
  const [first] = dead;
  if (first === undefined) return true;
  if ((await occupantOf(path))?.id !== first.id) {
    await rm(place, { force: true });
    return false;
  }
  await rename(place, path);
  for (const [index, occupant] of dead.entries()) {
    await rm(`${claimOn(path, occupant)}.new`, { force: true });
    if (index < dead.length - 1) await rm(claimOn(path, occupant), { force: true });
    const beacon = occupant.owner?.beacon;
    if (beacon !== undefined) await rm(join(dirname(path), beacon), { force: true });
  }
  return true;
}

function claimOn(path: string, { id }: Occupant): string {
  return `${path}.${id}`;
}

/** Puts a copy of a file in a place; false where there is something. */
async function put(file: string, place: string): Promise<boolean> {
  try {
    await link(file, place).catch((error) => {
      if (!NO_LINKS.has(codeOf(error))) throw error;
      return copyFile(file, place, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** What is found in the place of a lock; undefined where nothing is. */
async function occupantOf(place: string): Promise<Occupant | undefined> {
  try {
    const text = await readFile(place, "utf8");
    const owner = parseOwner(text);
    const { mtimeMs, ino } = await stat(place);
    const id = owner?.id ?? createHash("sha256").update(`${ino} ${mtimeMs} ${text}`).digest("hex").slice(0, 36);
    return { id, owner, changed: mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function isAlive({ owner, changed }: Occupant, folder: string): Promise<boolean> {
  // One that names nobody is in the making, or what a loss of power left.
  return owner ? mayLive(owner, folder) : Date.now() - changed < IN_THE_MAKING;
}

function locked(key: string, { owner }: Occupant, file: string): LockedError {
  const advice = `Wait until it is done, or stop it. Only if you are sure that it is gone, remove ${JSON.stringify(file)}.`;
  if (owner === undefined) return new LockedError(key, { file }, advice);
  return new LockedError(key, { pid: owner.pid, host: owner.host, since: new Date(owner.since), file }, advice);
}
