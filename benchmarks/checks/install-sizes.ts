import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InstallBudget } from "../budgets.ts";
import { atMost, bytes, type Finding } from "./finding.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * What `npm install` of a package alone writes to disk: the package as it is packed, and its tree of dependencies.
 *
 * @param budgets By package.
 */
export function installSizes(budgets: Readonly<Record<string, InstallBudget>>): Finding[] {
  const packed = packedSizes();
  return Object.entries(budgets).flatMap(([name, budget]) => {
    const tree = dependenciesOf(name);
    const whole = [...tree].reduce(
      (sum, [dependency, folder]) => sum + (packed.get(dependency) ?? folderSize(folder)),
      0,
    );
    return [
      atMost(`${name}, unpacked`, packed.get(name) ?? Number.NaN, budget.own, bytes),
      atMost(`${name}, with its dependencies`, whole, budget.tree, bytes),
      atMost(`${name}, packages in its tree`, tree.size, budget.packages, String),
    ];
  });
}

function packedSizes(): Map<string, number> {
  const text = execFileSync("npm", ["pack", "--workspaces", "--dry-run", "--json", "--loglevel=error"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const packages = JSON.parse(text) as { name: string; unpackedSize: number }[];
  return new Map(packages.map(({ name, unpackedSize }) => [name, unpackedSize]));
}

/** The package and all it needs, as Node would find them: beside the one that asks, else above it. */
function dependenciesOf(name: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (dependency: string, from: string): void => {
    const folder = resolved(dependency, from);
    if (found.has(dependency)) return;
    found.set(dependency, folder);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
    for (const next of Object.keys(dependencies)) visit(next, folder);
  };
  visit(name, ROOT);
  return found;
}

function resolved(name: string, from: string): string {
  for (const base of [join(from, "node_modules"), join(ROOT, "node_modules")]) {
    const folder = join(base, name);
    if (lstatSync(folder, { throwIfNoEntry: false })) return folder;
  }
  throw new Error(`${name} is not installed`);
}

function folderSize(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}
