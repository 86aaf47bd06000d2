import { link, lstat, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Gives a file another name, on the disk when this resolves.
 *
 * @throws {Error} with `code` EEXIST when there is a file of that name.
 */
export async function putNewFile(from: string, to: string): Promise<void> {
  try {
    // Fails where there is one; not every file system has hard links.
    await link(from, to);
  } catch (error) {
    if (Object(error).code === "EEXIST") throw error;
    if (await lstat(to).catch(() => undefined)) throw Object.assign(new Error(`There is ${to}`), { code: "EEXIST" });
    await rename(from, to);
  }
  const folder = await open(dirname(to), "r").catch(() => undefined);
  // Not every file system has this, either.
  await folder?.sync().catch(() => {});
  await folder?.close();
}
