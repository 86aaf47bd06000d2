import { execFileSync } from "node:child_process";
import { mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";

test("npm installs the tarballs into an empty folder, and the command runs there", async () => {
  const tarballs = join(dirname(packedCommand()), "..", "..");
  const names = (await readdir(tarballs)).filter((name) => name.endsWith(".tgz"));
  await using folder = await mkdtempDisposable(join(tmpdir(), "sluice-install-"));
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder.path, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  await writeFile(join(folder.path, "package.json"), '{ "private": true }');
  // Those of others come from the registry, or from npm's cache.
  run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...names.map((name) => join(tarballs, name)));
  expect(run("npx", "sluice", "--version")).toBe("0.0.0\n");
  expect(run("npx", "sluice", "hash", "package.json")).toMatch(/^[0-9a-f]{64} {2}package.json$/m);
});
