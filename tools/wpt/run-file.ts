// The child of run.ts: one .any.js file under testharness.js in this process.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInThisContext } from "node:vm";
import type { Replacement, Subtest } from "./run.ts";

const [root, path, replacement] = process.argv.slice(2) as [string, string, string];
const { install } = (await import(`./${replacement}.ts`)) as Replacement;
install();

const scope = globalThis as unknown as Record<string, unknown> & {
  add_completion_callback(
    callback: (tests: Subtest[], status: { status: number; message: string | null }) => void,
  ): void;
  done(): void;
};
scope["self"] = globalThis;
scope["GLOBAL"] = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
// Some tests leave a rejected promise behind on purpose; testharness decides what counts.
process.on("unhandledRejection", () => {});

load("resources/testharness.js");
scope.add_completion_callback((tests, { status, message }) => {
  const results = tests.map(({ name, status, message }) => ({ name, status, message }));
  if (status !== 0) results.push({ name: "(the harness)", status, message });
  process.send?.(results, () => process.disconnect());
});
for (const [, script] of readFileSync(join(root, path), "utf8").matchAll(/^\/\/ META: script=(.*)$/gm)) {
  load(script?.startsWith("/") ? script : join(dirname(path), script as string));
}
load(path);
scope.done();

function load(file: string): void {
  runInThisContext(readFileSync(join(root, file), "utf8"), { filename: file });
}
