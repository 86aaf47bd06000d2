import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { BundleBudget } from "../budgets.ts";
import { atMost, bytes, type Finding } from "./finding.ts";

const HERE = fileURLToPath(new URL("..", import.meta.url));

/**
 * What a page downloads before its first line runs: the entry, minified and gzipped, with all that it imports. What is
 * loaded on first use is split off and does not count.
 *
 * @param budgets What is bundled, and what it may take.
 */
export function bundleSizes(budgets: readonly BundleBudget[]): Promise<Finding[]> {
  return Promise.all(
    budgets.map(async ({ name, exports, from, without = [], budget }) => {
      const size = await bundleSize(`export ${exports ?? "*"} from "${from}"`, without);
      const apart =
        without.length > 0 ? `, ${without.map((part) => part.replace("@sluice/", "")).join(" and ")} apart` : "";
      return atMost(`${name ?? from}${apart}, min+gzip`, size, budget, bytes);
    }),
  );
}

async function bundleSize(contents: string, external: readonly string[]): Promise<number> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: HERE },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    format: "esm",
    platform: "browser",
    external: [...external],
    write: false,
    absWorkingDir: HERE,
    outdir: "out",
    logLevel: "error",
  });
  const entry = Object.keys(metafile.outputs).find((path) => path.endsWith("/stdin.js")) ?? "";
  const loaded = staticImports(entry, metafile.outputs);
  return outputFiles
    .filter(({ path }) => loaded.has(path.slice(HERE.length).replace(/^\//, "")))
    .reduce((sum, { contents: minified }) => sum + gzipSync(minified, { level: 9 }).length, 0);
}

type Outputs = Awaited<ReturnType<typeof build<{ metafile: true; write: false }>>>["metafile"]["outputs"];

function staticImports(entry: string, outputs: Outputs): Set<string> {
  const found = new Set([entry]);
  for (const path of found) {
    for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && !external) found.add(next);
    }
  }
  return found;
}
