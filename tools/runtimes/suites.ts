import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifests } from "./packed-packages.ts";

/** One file of tests that any runtime can run. */
export interface Suite {
  /** The name of its package's folder. */
  readonly package: string;
  /** Its path below the package's `src`, without `.test.ts`. */
  readonly name: string;
  /** Its path below the root. */
  readonly path: string;
}

/** The portable suites of every package: the one list that each runtime runs. */
export function portableSuites(root: string): readonly Suite[] {
  return globSync("packages/*/src/**/*.test.ts", { cwd: root })
    .filter((path) => !/\.(node|slow)\.test\.ts$/.test(path))
    .sort()
    .map((path) => {
      const [, folder, name] = /^packages\/([^/]+)\/src\/(.+)\.test\.ts$/.exec(path) as unknown as [0, string, string];
      return { package: folder, name, path };
    });
}

/** The name that the uploads of a large file go by, among the packages. */
export const LARGE_UPLOAD = "1 GiB";

/** The uploads of a large file: what every runtime does, and what only a page does. */
export function largeUploads(): readonly Suite[] {
  return ["large-upload", "before-reload", "after-reload"].map((name) => ({
    package: LARGE_UPLOAD,
    name,
    path: `tools/runtimes/large/${name}.suite.ts`,
  }));
}

/** What suites import that is neither ours nor the runner's, in the versions that the packages' manifests name. */
export function importedBeside(root: string, suites: readonly Suite[], manifests: Manifests): Record<string, string> {
  const named = new Map([...manifests.values()].flatMap(({ devDependencies = {} }) => Object.entries(devDependencies)));
  const found: Record<string, string> = {};
  for (const { path } of suites) {
    for (const [, specifier] of readFileSync(join(root, path), "utf8").matchAll(/from "([^".][^"]*)"/g)) {
      const version = named.get(specifier as string);
      if (version !== undefined && !specifier?.startsWith("@sluice/")) found[specifier as string] = version;
    }
  }
  return found;
}
