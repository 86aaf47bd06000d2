import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkLayering } from "./layering.ts";

const floors = [["low", "beside"], ["high"]];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sluice-layering-"));
  for (const name of floors.flat()) write(`packages/${name}/package.json`, `{ "exports": { ".": "./dist/index.js" } }`);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("an import downwards, inside or from outside is allowed", () => {
  write(
    "packages/high/src/a.ts",
    `import { x } from "@sluice/low"; import "./b.ts"; import "node:fs"; import "undici"; x;`,
  );
  expect(checkLayering(root, floors)).toEqual({ checked: 2, violations: [] });
});

test.each([
  [
    "up",
    `import type { X } from "@sluice/high"; export type Y = X;`,
    "packages/high/src/index.ts: up, from floor 0 (low) to floor 1 (high)",
  ],
  [
    "up, re-exported",
    `export { x } from "@sluice/high";`,
    "packages/high/src/index.ts: up, from floor 0 (low) to floor 1 (high)",
  ],
  [
    "sideways",
    `import "@sluice/beside";`,
    "packages/beside/src/index.ts: sideways, from floor 0 (low) to floor 0 (beside)",
  ],
  [
    "sideways, by a path",
    `import "../../beside/src/x.ts";`,
    "packages/beside/src/x.ts: sideways, from floor 0 (low) to floor 0 (beside)",
  ],
  [
    "up, dynamically",
    `await import("@sluice/high");`,
    "packages/high/src/index.ts: up, from floor 0 (low) to floor 1 (high)",
  ],
  ["out of the packages", `import "../../../tools/x.ts";`, "tools/x.ts, which is not part of any package"],
])("an import that runs %s fails and names both files", (_, text, message) => {
  write("packages/low/src/deep/a.ts", text.replaceAll("../../", "../../../"));
  expect(checkLayering(root, floors).violations).toEqual([`packages/low/src/deep/a.ts imports ${message}`]);
});

test("a dependency that runs up fails, and so does a package on no floor", () => {
  write("packages/low/package.json", `{ "devDependencies": { "@sluice/high": "^0.0.0" } }`);
  write("packages/new/package.json", "{}");
  expect(checkLayering(root, floors).violations).toEqual([
    "packages/low/package.json depends on packages/high/package.json: up, from floor 0 (low) to floor 1 (high)",
    'packages/new/package.json stands on no floor: add "new" to FLOORS in tools/layering.ts',
  ]);
});
