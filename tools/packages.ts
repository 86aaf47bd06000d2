// Packs every package as it would be published and looks at the tarball: publint for what package.json promises,
// arethetypeswrong for what TypeScript finds in it. `npm run packages`.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const FOLDER = ".packed";
// The packages are ESM only, for Node ≥ 22.19, which can require() them; `node10` resolution ignores "exports".
const ACCEPTED_KINDS = new Set(["CJSResolvesToESM"]);
const ACCEPTED_RESOLUTIONS = new Set(["node10"]);

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
const packed = execFileSync(
  "npm",
  ["pack", "--workspaces", "--json", "--loglevel=error", "--pack-destination", FOLDER],
  {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  },
);

let passed = 0;
let failed = 0;
for (const { name, filename, files } of JSON.parse(packed) as {
  name: string;
  filename: string;
  files: { path: string }[];
}[]) {
  if (!name.startsWith("@sluice/")) continue;
  const tarball = readFileSync(join(FOLDER, filename));
  const complaints = [
    ...(await publintOf(tarball)),
    ...(await attwOf(tarball)),
    ...strays(files.map(({ path }) => path)),
  ];
  for (const complaint of complaints) console.error(`${name}: ${complaint}`);
  if (complaints.length === 0) passed += 1;
  else failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function publintOf(tarball: Buffer<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
  });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

async function attwOf(tarball: Buffer): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!result.types) return ["attw: no types are in the package"];
  return result.problems
    .filter((problem) => !ACCEPTED_KINDS.has(problem.kind))
    .filter((problem) => !("resolutionKind" in problem && ACCEPTED_RESOLUTIONS.has(problem.resolutionKind)))
    .map((problem) => `attw: ${problem.kind} ${JSON.stringify(problem)}`);
}

/** What no user needs: tests and build records; and what every user does: a README. */
function strays(paths: readonly string[]): string[] {
  const needless = paths.filter((path) => /\.test\.|\.tsbuildinfo$/.test(path)).map((path) => `packs ${path}`);
  return paths.includes("README.md") ? needless : [...needless, "has no README.md"];
}
