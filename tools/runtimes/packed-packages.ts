import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { execute } from "./execute.ts";
import { npmFolder } from "./npm-folder.ts";

const DAY = 24 * 3_600_000;

export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** What package.json says, by the name of the package's folder. */
export type Manifests = ReadonlyMap<string, Manifest>;

/** Reads the package.json of every package. */
export function readManifests(root: string): Manifests {
  const paths = globSync("packages/*/package.json", { cwd: root }).sort();
  return new Map(
    paths.map((path) => [path.split("/")[1] as string, JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest]),
  );
}

/**
 * Packs every package as it would be published and installs the tarballs into a project of their own.
 *
 * @param beside other packages to install, with their versions: what the suites import
 * @returns the project's folder; named after what is in the tarballs, so that it is made anew only when that changes
 */
export async function packedProject(
  root: string,
  manifests: Manifests,
  beside: Readonly<Record<string, string>>,
): Promise<string> {
  const tarballs = cacheFolder(`tarballs-${process.pid}`);
  await mkdir(tarballs, { recursive: true });
  try {
    const packed = JSON.parse(
      await execute("npm", ["pack", "--workspaces", "--json", "--loglevel=error", "--pack-destination", tarballs], {
        cwd: root,
      }),
    ) as { name: string; filename: string; integrity: string }[];
    const ours = packed.filter(({ name }) => [...manifests.values()].some((manifest) => manifest.name === name));
    const digest = createHash("sha256").update(JSON.stringify([ours.map(({ integrity }) => integrity), beside]));
    const name = `packages-${digest.digest("hex").slice(0, 12)}`;
    if (!existsSync(cacheFolder(name))) await removeOld();
    const dependencies = Object.fromEntries(
      ours.map(({ name, filename }) => [name, `file:${join(tarballs, filename)}`]),
    );
    return await npmFolder(name, { dependencies: { ...dependencies, ...beside } });
  } finally {
    await rm(tarballs, { recursive: true, force: true });
  }
}

/** Projects of packages that have changed since; not those of today, in which another run may be at work. */
async function removeOld(): Promise<void> {
  for (const entry of await readdir(cacheFolder(""))) {
    if (!/^packages-[0-9a-f]{12}$/.test(entry)) continue;
    const { mtimeMs } = await stat(cacheFolder(entry));
    if (Date.now() - mtimeMs > DAY) await rm(cacheFolder(entry), { recursive: true });
  }
}
