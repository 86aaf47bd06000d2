import { join } from "node:path";
import { runByCommand } from "./command-runtime.ts";
import { execute } from "./execute.ts";
import { npmFolder } from "./npm-folder.ts";
import type { Runtime } from "./runtime.ts";

/** Node of a version; a variant of it has a name of its own, and flags. */
export function nodeRuntime(
  version: string,
  variant?: { name: string; title: string; flags: readonly string[] },
): Runtime {
  const major = version.split(".")[0];
  return {
    name: variant?.name ?? `node${major}`,
    title: variant?.title ?? `Node ${major}`,
    async prepare(stage) {
      const binary = await nodeBinary(version);
      const flags = variant?.flags ?? [];
      return {
        version,
        run: (_, suites, report) => runByCommand([binary, ...flags], stage, suites, report),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

/** From its platform's npm package, the binary alone, which no install script need fetch; or the one that runs this. */
async function nodeBinary(version: string): Promise<string> {
  if (process.versions.node === version) return process.execPath;
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = await npmFolder(`node-${version}`, { dependencies: { [name]: version } });
  const binary = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  await execute(binary, ["--version"]);
  return binary;
}
