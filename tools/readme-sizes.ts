// Writes into README.md's table how large each package is in a page: `npm run readme`. Measured as `npm run bench:check`
// does it: the whole entry and all that it imports, minified and gzipped, what is loaded on first use left aside.
import { readFileSync, writeFileSync } from "node:fs";
import { bundleSizes } from "../benchmarks/checks/bundle-sizes.ts";

const ROW = /^(\| \[`(\w+)`\]\(packages\/\w+\) \|)([^|]*)\|/gm;
/** For Node alone. */
const APART = new Set(["cli", "emulator"]);

const text = readFileSync("README.md", "utf8");
const names = Array.from(text.matchAll(ROW), ([, , name = ""]) => name).filter((name) => !APART.has(name));
const findings = await bundleSizes(
  names.map((name) => ({ from: `@sluice/${name}`, budget: Number.POSITIVE_INFINITY })),
);
const sizes = new Map(names.map((name, index) => [name, Number(findings[index]?.measured.replaceAll(/\D/g, ""))]));
const sizeOf = (name: string): string => {
  const size = sizes.get(name);
  return size === undefined ? "Node" : `${(size / 1000).toFixed(1)} kB`;
};
writeFileSync(
  "README.md",
  text.replaceAll(ROW, (_, start: string, name: string) => `${start} ${sizeOf(name)} |`),
);
console.log(names.map((name) => `${name.padEnd(10)} ${sizeOf(name)}`).join("\n"));
