import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { codeOf } from "./_file-error.ts";

/** A socket's path has room for 104 bytes on macOS, 108 on Linux, the end included. */
const MAX_PATH = 103;

/** A socket in the file system that its process keeps open. */
export interface Beacon {
  readonly name: string;
  /** Closes the socket and removes it. */
  close(): Promise<void>;
}

/**
 * Opens a socket beside a lock. The kernel closes it when the process, or the worker, is gone, however it went, and
 * tells so to any process on the machine: in another container too, where a process number says nothing. It does not
 * keep the process running.
 *
 * @returns undefined where paths are too long, or the file system has no sockets.
 */
export async function lightBeacon(folder: string): Promise<Beacon | undefined> {
  const name = `${randomUUID().slice(0, 13)}.alive`;
  const path = join(folder, name);
  const first = `${path}.new`;
  if (process.platform === "win32" || Buffer.byteLength(first) > MAX_PATH) return undefined;
  const server = createServer((socket) => socket.destroy());
  const close = async (): Promise<void> => {
    await new Promise((resolve) => server.close(resolve));
    await rm(path, { force: true }).catch(() => {});
  };
  try {
    await new Promise<void>((resolve, reject) => {
      // Not shared: in a cluster it would be the primary process that listens.
      server.once("error", reject).listen({ path: first, exclusive: true }, resolve);
    });
    server.on("error", () => {});
    server.unref();
    // Whoever exits in an orderly way removes the socket by the name it was made with. It is to stay, and be found dead.
    await rename(first, path);
    // On some file systems a socket can be made, and not be reached.
    if (await isLit(folder, name)) return { name, close };
  } catch {}
  await close();
  return undefined;
}

/** Whether a beacon's process lives; undefined where that cannot be told. */
export function isLit(folder: string, name: string): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const socket = connect(join(folder, name));
    socket.once("connect", () => done(true));
    socket.once("error", (error) => done(codeOf(error) === "ECONNREFUSED" ? false : undefined));
    function done(lit: boolean | undefined): void {
      socket.destroy();
      resolve(lit);
    }
  });
}
