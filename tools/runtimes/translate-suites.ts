import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Manifest, Manifests } from "./packed-packages.ts";
import type { Suite } from "./suites.ts";

/** The folder of a project in which its suites lie, as JavaScript. */
export const SUITES = "suites";
/** The folder of a project in which what runs the suites lies. */
export const HARNESS = "harness";
const HARNESS_ENTRIES = ["vitest", "emulator", "beside", "command-main", "worker-main", "page-main", "for-suites"];

/**
 * Writes the suites into a project that has the packages installed, so that they test those. What a suite imports of its
 * own package becomes the installed one: an entry by the package's name, resolved by the runtime through `exports`, any
 * other module by its path in `dist`, which the entry has it from too. Helpers that are not published and JSON are
 * bundled along; `vitest` and the emulator become the harness's.
 */
export async function translateSuites(
  root: string,
  project: string,
  manifests: Manifests,
  suites: readonly Suite[],
): Promise<void> {
  const shared = { format: "esm", target: "es2024", bundle: true, logLevel: "warning" } as const;
  const harness = join(project, HARNESS);
  await build({
    ...shared,
    entryPoints: HARNESS_ENTRIES.map((entry) => join(import.meta.dirname, "harness", `${entry}.ts`)),
    outdir: harness,
    splitting: true,
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    external: ["node:*", "@sluice/*", "fast-check"],
  });
  await build({
    ...shared,
    entryPoints: suites.map((suite) => ({ in: join(root, suite.path), out: outputOf(suite) })),
    outdir: join(project, SUITES),
    plugins: [installedModules(root, project, manifests, harness)],
  });
}

/** Where a suite is written to, below {@link SUITES}, without `.js`. */
export function outputOf({ package: folder, name }: Suite): string {
  return `${folder}/${name.replaceAll("/", "--")}`;
}

function installedModules(root: string, project: string, manifests: Manifests, harness: string): Plugin {
  return {
    name: "installed-modules",
    setup({ onResolve }) {
      // Every suite lies two folders below the project, so one path fits what they bundle too.
      const from = (file: string) => ({ path: `../../${relative(project, file)}`, external: true });
      onResolve({ filter: /./ }, ({ path, kind, resolveDir }) => {
        if (kind === "entry-point") return undefined;
        if (path === "vitest") return from(join(harness, "vitest.js"));
        if (path === "@sluice/emulator") return from(join(harness, "emulator.js"));
        if (!path.startsWith(".")) return { path, external: true };
        const file = resolve(resolveDir, path);
        // One instance of it, which has been told what there is.
        if (file === join(import.meta.dirname, "harness/beside.ts")) return from(join(harness, "beside.js"));
        const [folder, inside] = splitPath(relative(join(root, "packages"), file));
        const manifest = manifests.get(folder);
        if (manifest === undefined || !inside.endsWith(".ts")) return undefined;
        const module = inside.replace(/^src\//, "./dist/").replace(/\.ts$/, ".js");
        const entry = entryOf(manifest, module);
        if (entry !== undefined) return { path: entry, external: true };
        const installed = join(project, "node_modules", manifest.name, module);
        return existsSync(installed) ? from(installed) : undefined;
      });
    },
  };
}

/** The specifier by which users import a module of a package; undefined for what they cannot import. */
function entryOf({ name, exports }: Manifest, module: string): string | undefined {
  for (const [subpath, target] of Object.entries(exports)) {
    const modules = typeof target === "string" ? [target] : Object.values(target);
    // A module of one condition alone is imported by its path: by name, another condition's would answer.
    if (modules.includes(module) && modules.at(-1) === module) return name + subpath.slice(1);
  }
  return undefined;
}

function splitPath(path: string): [folder: string, inside: string] {
  const slash = path.indexOf("/");
  return [path.slice(0, slash), path.slice(slash + 1)];
}
