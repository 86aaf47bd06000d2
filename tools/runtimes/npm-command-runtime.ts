import { join } from "node:path";
import { runByCommand } from "./command-runtime.ts";
import { execute } from "./execute.ts";
import { npmFolder } from "./npm-folder.ts";
import type { Runtime } from "./runtime.ts";

/** A runtime that npm has under its own name, and that runs programs: Deno, Bun. */
export function npmCommandRuntime(name: string, title: string, version: string, flags: readonly string[]): Runtime {
  return {
    name,
    title,
    async prepare(stage) {
      const folder = await npmFolder(`${name}-${version}`, { dependencies: { [name]: version } });
      const binary = join(folder, "node_modules", ".bin", name);
      await execute(binary, ["--version"]);
      return {
        version,
        run: (_, suites, report) => runByCommand([binary, ...flags], stage, suites, report),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
