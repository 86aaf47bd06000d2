import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build as esbuild, transform } from "esbuild";
import { parseSync, Visitor } from "oxc-parser";
import { build as vite } from "vite";
import type { Manifests } from "./packed-packages.ts";

/** The packages that are programs for Node; all others work in pages. */
const NODE_ONLY = new Set(["emulator", "cli"]);
/** What a page does not have. */
const OF_NODE = ["process", "Buffer", "require", "global", "setImmediate", "__dirname", "__filename"];
const MARK = "of_node_";
const BUNDLES = "bundles";

/**
 * Bundles every entry of every package that works in pages, by esbuild and by Vite, as an application would, and looks
 * for what is Node's in the result.
 *
 * @returns how many bundles are clean, and what is wrong with the others
 */
export async function checkBundles(
  project: string,
  manifests: Manifests,
): Promise<{ passed: number; failures: readonly string[] }> {
  const folder = join(project, BUNDLES);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const entries: Record<string, string> = {};
  for (const [name, manifest] of manifests) {
    if (NODE_ONLY.has(name)) continue;
    for (const subpath of Object.keys(manifest.exports)) {
      if (subpath === "./node" || subpath === "./testing") continue;
      const entry = (name + subpath.slice(1)).replace("/", "-");
      entries[entry] = join(folder, `${entry}.js`);
      await writeFile(entries[entry], `export * from "${manifest.name}${subpath.slice(1)}";\n`);
    }
  }
  const failures: string[] = [];
  const count = Object.keys(entries).length;
  for (const [bundler, bundle] of [
    ["esbuild", withEsbuild],
    ["Vite", withVite],
  ] as const) {
    const out = join(folder, bundler);
    try {
      await bundle(project, entries, out);
    } catch (error) {
      failures.push(`${bundler}: ${(error as Error).message}`);
      continue;
    }
    for (const file of await readdir(out, { recursive: true })) {
      if (!file.endsWith(".js")) continue;
      for (const finding of await findingsIn(file, await readFile(join(out, file), "utf8"))) {
        failures.push(`${bundler}: ${file} ${finding}`);
      }
    }
  }
  return { passed: failures.length === 0 ? 2 * count : 0, failures };
}

async function withEsbuild(_: string, entryPoints: Record<string, string>, outdir: string): Promise<void> {
  await esbuild({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
  });
}

async function withVite(root: string, input: Record<string, string>, outDir: string): Promise<void> {
  const told: string[] = [];
  const tell = (message: string): void => void told.push(message);
  await vite({
    root,
    configFile: false,
    logLevel: "warn",
    customLogger: {
      info() {},
      warn: tell,
      warnOnce: tell,
      error: tell,
      clearScreen() {},
      hasErrorLogged: () => false,
      hasWarned: false,
    },
    build: { outDir, emptyOutDir: true, minify: false, rollupOptions: { input, preserveEntrySignatures: "strict" } },
  });
  if (told.length > 0) throw new Error(told.join("\n"));
}

/** Modules and globals of Node's that a bundle uses without having asked whether they are there. */
async function findingsIn(file: string, code: string): Promise<string[]> {
  // esbuild knows which names are globals; those get a mark.
  const define = Object.fromEntries(OF_NODE.map((name) => [name, MARK + name]));
  const { code: marked } = await transform(code, { define, logLevel: "silent" });
  const findings = new Set<string>();
  // What compilers make of `using` throws where Symbol.asyncDispose is not, as in WebKit.
  if (/addDisposableResource|__using\b/.test(code)) findings.add("says `using`");
  if (code.includes("__vite-browser-external")) findings.add("has a module of Node's left out");
  /** What has been asked, on the way to where we are. */
  const asked: string[] = [];
  const ask = (test: { start: number; end: number }): void => void asked.push(marked.slice(test.start, test.end));
  const forget = (): void => void asked.pop();
  const { program } = parseSync(file, marked, { sourceType: "module" });
  new Visitor({
    ImportDeclaration({ source }) {
      if (source.value.startsWith("node:")) findings.add(`imports ${source.value}`);
    },
    ImportExpression({ source }) {
      if (source.type === "Literal" && String(source.value).startsWith("node:"))
        findings.add(`imports ${source.value}`);
    },
    UnaryExpression: ({ operator }) => void asked.push(operator),
    "UnaryExpression:exit": forget,
    ConditionalExpression: ({ test }) => ask(test),
    "ConditionalExpression:exit": forget,
    IfStatement: ({ test }) => ask(test),
    "IfStatement:exit": forget,
    LogicalExpression: ({ left }) => ask(left),
    "LogicalExpression:exit": forget,
    Identifier({ name }) {
      if (!name.startsWith(MARK)) return;
      const answers = ["typeof", `typeof ${name}`, "typeof globalThis"];
      if (
        !asked.some((test) => answers.some((answer) => (answer === "typeof" ? test === answer : test.includes(answer))))
      )
        findings.add(`uses ${name.slice(MARK.length)}`);
    },
  }).visit(program);
  return [...findings];
}
