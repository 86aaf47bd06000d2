// Says which package may import which: `npm run layering`. The floors are those of ARCHITECTURE.md.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "oxc-parser";

const FLOORS: readonly (readonly string[])[] = [
  ["streams", "source", "emulator"],
  ["chunker", "base64", "hash", "compress", "retry"],
  ["http", "uploader", "poller"],
  ["openai", "replicate", "oneai", "kie", "job"],
  ["cli"],
];

export interface Findings {
  /** Imports and dependencies looked at. */
  readonly checked: number;
  /** One line for each that breaks the rule, naming both files. */
  readonly violations: string[];
}

/** Checks every import, tests included, and every dependency of the packages under `root`. */
export function checkLayering(root: string, floors: readonly (readonly string[])[] = FLOORS): Findings {
  const floorOf = new Map(floors.flatMap((names, floor) => names.map((name) => [name, floor] as const)));
  const violations: string[] = [];
  let checked = 0;

  for (const manifest of globSync("packages/*/package.json", { cwd: root })) {
    const name = packageOf(manifest);
    if (!floorOf.has(name))
      violations.push(`${manifest} stands on no floor: add "${name}" to FLOORS in tools/layering.ts`);
    const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = readJson(join(root, manifest));
    for (const dependency of Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })) {
      const target = /^@sluice\/(.+)$/.exec(dependency)?.[1];
      if (target) check(manifest, `packages/${target}/package.json`, "depends on");
    }
  }
  for (const file of globSync("packages/*/src/**/*.ts", { cwd: root })) {
    for (const specifier of importsOf(join(root, file))) {
      const target = targetOf(root, file, specifier);
      if (target) check(file, target, "imports");
    }
  }
  return { checked, violations: violations.sort() };

  function check(from: string, to: string, verb: string): void {
    checked += 1;
    if (!to.startsWith("packages/")) {
      violations.push(`${from} ${verb} ${to}, which is not part of any package`);
      return;
    }
    const [source, target] = [packageOf(from), packageOf(to)];
    if (source === target) return;
    const [above, below] = [floorOf.get(source), floorOf.get(target)];
    if (above === undefined || below === undefined || below < above) return;
    const way = below === above ? "sideways" : "up";
    violations.push(`${from} ${verb} ${to}: ${way}, from floor ${above} (${source}) to floor ${below} (${target})`);
  }
}

function packageOf(path: string): string {
  return path.split("/")[1] as string;
}

function readJson(path: string): Record<string, Record<string, string>> {
  return JSON.parse(readFileSync(path, "utf8"));
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, "utf8");
  const { module } = parseSync(path, text);
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value ?? "")),
    // A dynamic import has the span of its argument; a literal is all that can be followed.
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
      text.slice(start, end).replace(/^["'`](.*)["'`]$/, "$1"),
    ),
  ].filter((specifier) => specifier !== "");
}

/** The file that an import leads to, relative to the root; undefined for one from outside the repository. */
function targetOf(root: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  const [, name, subpath] = /^@sluice\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const manifest = join(root, "packages", name, "package.json");
  const exported = existsSync(manifest) ? readJson(manifest)["exports"]?.[`.${subpath ?? ""}`] : undefined;
  const built = typeof exported === "string" ? exported : "./dist/index.js";
  return normalize(join("packages", name, built.replace("/dist/", "/src/").replace(/\.js$/, ".ts")));
}

if (import.meta.main) {
  const { checked, violations } = checkLayering(process.cwd());
  for (const violation of violations) console.error(violation);
  console.log(`${checked - violations.length} passed, ${violations.length} failed`);
  process.exitCode = violations.length === 0 && checked > 0 ? 0 : 1;
}
