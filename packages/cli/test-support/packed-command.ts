// The command as somebody gets it: every package of it packed by npm, and unpacked from the tarballs into an empty
// folder, as npm installs them: in a tenth of the time that `npm install` takes for it, which `install.slow.test.ts` has.
// Made anew only when something in it has changed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const CLI = join(import.meta.dirname, "..");

interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

let known: string | undefined;

/** Packs and installs, and gives the path of the executable; the same one all along. */
export function packedCommand(): string {
  known ??= install();
  return known;
}

function install(): string {
  const packages = closure(CLI);
  // Of this checkout alone, so that two of them do not take turns.
  const home = join(tmpdir(), `sluice-packed-${createHash("sha256").update(CLI).digest("hex").slice(0, 12)}`);
  const folder = join(home, stampOf(packages));
  const executable = join(folder, "node_modules", ".bin", "sluice");
  if (existsSync(executable)) return executable;
  using _ = lock(`${home}.lock`);
  if (existsSync(executable)) return executable;
  for (const old of globSync(join(home, "*"))) {
    // Another run may be at work with a younger one.
    if (Date.now() - statSync(old).mtimeMs > 600_000) rmSync(old, { recursive: true, force: true });
  }
  const building = `${folder}.${process.pid}`;
  const modules = join(building, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  const isOwn = ({ name }: Package) => name.startsWith("@sluice/");
  const args = ["pack", "--json", "--ignore-scripts", "--offline", "--loglevel=error"];
  const text = execFileSync("npm", [...args, ...packages.filter(isOwn).map((each) => each.folder)], {
    cwd: building,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  for (const { name, filename } of JSON.parse(text) as { name: string; filename: string }[]) {
    mkdirSync(join(modules, name), { recursive: true });
    execFileSync("tar", ["-xzf", filename, "--strip-components=1", "-C", join(modules, name)], { cwd: building });
  }
  // What others have made is linked to where it is installed already.
  for (const { name, folder: at } of packages.filter((each) => !isOwn(each))) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(at, join(modules, name));
  }
  const bin = join("@sluice", "cli", "bin", "sluice.js");
  chmodSync(join(modules, bin), 0o755);
  symlinkSync(join("..", bin), join(modules, ".bin", "sluice"));
  // Whole or not at all.
  renameSync(building, folder);
  return executable;
}

/** Test files run side by side: one of them packs, the others wait. */
function lock(path: string): Disposable {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      mkdirSync(path);
      return { [Symbol.dispose]: () => rmdirSync(path) };
    } catch {
      // Left by a run that was killed.
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 120_000) rmSync(path, { recursive: true, force: true });
      Atomics.wait(clock, 0, 0, 100);
    }
  }
}

/** A package and all that it needs, from where npm has put them. */
function closure(root: string): Package[] {
  const found = new Map<string, Package>();
  const visit = (folder: string) => {
    const { name, version, dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const known = found.get(name);
    if (known && known.version !== version)
      throw new Error(`Two versions of ${name} are needed; a tarball can be only one`);
    if (known) return;
    found.set(name, { name, version, folder });
    for (const dependency of Object.keys(dependencies)) visit(findFrom(folder, dependency));
  };
  visit(root);
  return [...found.values()];
}

function findFrom(folder: string, name: string): string {
  const path = join(folder, "node_modules", name);
  if (existsSync(join(path, "package.json"))) return realpathSync(path);
  if (dirname(folder) === folder) throw new Error(`${name} is not installed`);
  return findFrom(dirname(folder), name);
}

/** Changes when anything that is packed has. */
function stampOf(packages: readonly Package[]): string {
  const hash = createHash("sha256");
  for (const { name, version, folder } of packages) {
    hash.update(`${name}@${version}\n`);
    if (!name.startsWith("@sluice/")) continue;
    for (const path of globSync(["package.json", "bin/*", "dist/**/*.js"], { cwd: folder }).sort()) {
      const { mtimeMs, size } = statSync(join(folder, path));
      hash.update(`${path} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}
