import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute } from "./execute.ts";
import { npmFolder } from "./npm-folder.ts";
import type { Manifests } from "./packed-packages.ts";
import { VERSIONS } from "./versions.ts";

const MODULES = { bundler: { module: "esnext", moduleResolution: "bundler" }, nodenext: { module: "nodenext" } };
/** Where a user's types of streams, Blobs and requests come from. */
const WORLDS = ["dom", "node"] as const;

/**
 * Compiles an import of every entry of every package as users of several versions of TypeScript would, declarations
 * checked: `skipLibCheck` is off. Entries that are for Node are left to those who have Node's types.
 *
 * @returns how many combinations compile, and what the compilers say of the others
 */
export async function checkTypes(
  project: string,
  manifests: Manifests,
): Promise<{ passed: number; failures: readonly string[] }> {
  const types = await npmFolder(`types-node-${VERSIONS.typesOfNode}`, {
    dependencies: { "@types/node": VERSIONS.typesOfNode },
  });
  const failures: string[] = [];
  let passed = 0;
  for (const version of VERSIONS.typescript) {
    const compiler = await npmFolder(`typescript-${version}`, { dependencies: { typescript: version } });
    for (const [resolution, modules] of Object.entries(MODULES)) {
      for (const world of WORLDS) {
        const folder = join(project, "types", `${version}-${resolution}-${world}`);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, "index.ts"), importsOf(manifests, world).join("\n"));
        const compilerOptions = {
          ...modules,
          target: "es2022",
          lib:
            world === "dom"
              ? ["es2024", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"]
              : ["es2024", "esnext.disposable"],
          types: world === "dom" ? [] : ["node"],
          typeRoots: world === "dom" ? [] : [join(types, "node_modules/@types")],
          strict: true,
          skipLibCheck: false,
          noEmit: true,
        };
        await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
        const program = join(compiler, "node_modules/typescript/bin/tsc");
        try {
          await execute(process.execPath, [program, "-p", folder, "--pretty", "false"], { cwd: project });
          passed += 1;
        } catch (error) {
          failures.push(`TypeScript ${version}, ${resolution}, ${world}: ${(error as Error).message}`);
        }
      }
    }
  }
  return { passed, failures };
}

/** Programs of Node's own, and entries that say so. */
function isForNode(name: string, subpath: string): boolean {
  return name === "emulator" || name === "cli" || subpath === "./node";
}

function importsOf(manifests: Manifests, world: (typeof WORLDS)[number]): string[] {
  const lines: string[] = [];
  for (const [name, manifest] of manifests) {
    for (const subpath of Object.keys(manifest.exports)) {
      if (world === "dom" && isForNode(name, subpath)) continue;
      const alias = (name + subpath.slice(1)).replaceAll(/\W/g, "_");
      lines.push(`export * as ${alias} from "${manifest.name}${subpath.slice(1)}";`);
    }
  }
  return lines;
}
