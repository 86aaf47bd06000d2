import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import type { Suite } from "./suites.ts";
import { HARNESS, outputOf, SUITES } from "./translate-suites.ts";

/** The folder of a project that pages are served from. */
export const PAGES = "pages";

/** What a runtime that takes one file, and resolves nothing itself, is given. */
export interface BundleKind {
  /** The harness's module that runs the suites, and how it is called. */
  readonly harness: string;
  readonly call: string;
  /** A module of the harness's that is evaluated before all others. */
  readonly first?: string;
  readonly conditions: readonly string[];
  readonly mainFields: readonly string[];
}

export const WORKER: BundleKind = {
  harness: "worker-main.js",
  call: "export default workerOf",
  conditions: ["workerd", "import"],
  mainFields: ["module", "main"],
};
export const PAGE: BundleKind = {
  harness: "page-main.js",
  first: "for-suites.js",
  call: "offer",
  conditions: ["browser", "import"],
  mainFields: ["browser", "module", "main"],
};

/**
 * Bundles the translated suites of one package with all that they import, resolved as the runtime's users have it
 * resolved. Each suite is evaluated when it is its turn, not when the file is loaded.
 *
 * @returns the names of the WebAssembly files that it imports, which are put beside it
 */
export async function bundleSuites(
  project: string,
  suites: readonly Suite[],
  kind: BundleKind,
  file: string,
): Promise<string[]> {
  const name = kind.call.split(" ").at(-1);
  const lines = suites.map(
    (suite) => `${JSON.stringify(suite.name)}: () => import("./${SUITES}/${outputOf(suite)}.js"),`,
  );
  const first = kind.first === undefined ? "" : `import "./${HARNESS}/${kind.first}";\n`;
  const { metafile } = await build({
    stdin: {
      contents: `${first}import { ${name} } from "./${HARNESS}/${kind.harness}";\n${kind.call}({\n${lines.join("\n")}\n});\n`,
      resolveDir: project,
    },
    outfile: join(project, file),
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    conditions: [...kind.conditions],
    mainFields: [...kind.mainFields],
    logLevel: "warning",
    // Reached only where the runtime says that it is Node; an import that is left stands in the bundle, and says so.
    external: ["node:*"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    metafile: true,
  });
  return Object.keys(metafile.outputs)
    .filter((output) => output.endsWith(".wasm"))
    .map((output) => basename(output));
}

/** The page that loads a bundle, and the worker that it starts: esbuild, unlike Vite, does not see that one. */
export async function writePage(project: string, name: string): Promise<void> {
  await build({
    entryPoints: [join(project, "node_modules/@sluice/hash/dist/hash-worker.js")],
    outfile: join(project, PAGES, "hash-worker.js"),
    bundle: true,
    format: "esm",
    conditions: [...PAGE.conditions],
    logLevel: "warning",
  });
  const page = `<!doctype html><meta charset="utf-8"><title>${name}</title><script type="module" src="${name}.js"></script>`;
  await writeFile(join(project, PAGES, `${name}.html`), `${page}<input type="file" id="file">`);
}
