import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { execute } from "./execute.ts";
import { NotHere } from "./not-here.ts";

/**
 * Installs npm packages into a folder of the cache, once: under a name of this process first, so that a run that is
 * stopped half way leaves nothing that looks finished.
 *
 * @param name the folder; it names what is in it, versions included
 * @param manifest what its package.json says beside `private`
 * @returns the folder
 * @throws {NotHere} where they cannot be installed
 */
export async function npmFolder(name: string, manifest: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = cacheFolder(name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, "package.json"), JSON.stringify({ private: true, type: "module", ...manifest }));
  try {
    await execute(
      "npm",
      ["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline", "--loglevel=error"],
      { cwd: unfinished },
    );
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw new NotHere(`${name} cannot be installed: ${(error as Error).message}`, { cause: error });
  }
  return folder;
}
