import type { BigIntStats, StatsFs } from "node:fs";
import { codedError } from "./_file-error.ts";

/**
 * What lies at a path: a `file` can be read anywhere; a `stream` (a /proc file, a device) is read from its beginning
 * until it ends; a `pipe` also makes its reader wait.
 */
export interface Look {
  readonly kind: "file" | "stream" | "pipe";
  readonly size: number;
  readonly fingerprint: string;
}

/**
 * File systems whose files are made up as they are read, and whose sizes say nothing: /proc gives 0, /sys 4096.
 * The numbers are those of Linux's magic.h.
 */
const MADE_UP: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x62656570, // configfs
]);

/**
 * Sorts out what `stat` found.
 * @param statfs Asked only about files of which nothing is stored on a disk.
 * @throws {Error} for folders and sockets, which hold no bytes to read.
 */
export function look(path: string, stats: BigIntStats, statfs: () => StatsFs | undefined): Look {
  if (stats.isDirectory()) throw codedError("read", path, "it is a folder", "EISDIR", ". Pass the files in it");
  if (stats.isSocket())
    throw codedError("read", path, "it is a socket", "ENXIO", ". Connect to it and pass the stream");
  const found = { size: Number(stats.size), fingerprint: fingerprintOf(stats) };
  if (stats.isFIFO()) return { kind: "pipe", ...found };
  if (!stats.isFile()) return { kind: "stream", ...found };
  const madeUp = stats.blocks === 0n && MADE_UP.has(statfs()?.type ?? 0);
  return { kind: madeUp ? "stream" : "file", ...found };
}

/** Differs when the content may: no other file has the inode, and every write moves the time. */
export function fingerprintOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}
