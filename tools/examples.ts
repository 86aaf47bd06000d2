// Writes every ```ts block of the READMEs and of the packages' JSDoc to .examples/, one file each, and runs them:
// `npm run examples`, or with `--extract` only writes them, for the type-check.
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const FENCE = /^```ts\n([\s\S]*?)^```/gm;
const COMMENT = /\/\*\*[\s\S]*?\*\//g;

rmSync(".examples", { recursive: true, force: true });
mkdirSync(".examples");
let written = 0;
for (const path of globSync(["README.md", "packages/*/README.md", "packages/*/src/**/*.ts"])) {
  if (path.endsWith(".test.ts")) continue;
  for (const [index, text] of blocksOf(path).entries()) {
    const name = path
      .replace(/^packages\//, "")
      .replace(/\.(ts|md)$/, "")
      .replaceAll(/[/.]/g, "-")
      .toLowerCase();
    // The line number of the source is what a reader of a failure needs.
    writeFileSync(`.examples/${name}-${index + 1}.ts`, `// ${path}, example ${index + 1}\n${text}\nexport {};\n`);
    written += 1;
  }
}

if (!process.argv.includes("--extract")) {
  // In one process: 138 of their own took 48 seconds, most of it to start. What an example leaves open keeps this from ending.
  const flags = ["--test", "--test-isolation=none", "--test-reporter=spec"];
  const { status, stdout } = spawnSync(process.execPath, [...flags, ".examples/*.ts"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 26,
    timeout: 150_000,
  });
  const failed = Number(/^ℹ fail (\d+)$/m.exec(stdout)?.[1] ?? written);
  if (status !== 0) console.error(stdout.slice(Math.max(0, stdout.indexOf("✖ failing tests"))));
  console.log(`${written - failed} passed, ${failed} failed`);
  process.exitCode = status === 0 && failed === 0 && written > 0 ? 0 : 1;
}

function blocksOf(path: string): string[] {
  const text = readFileSync(path, "utf8");
  const prose = path.endsWith(".md")
    ? [text]
    : Array.from(text.matchAll(COMMENT), ([comment]) => comment.replaceAll(/^ *\* ?/gm, ""));
  return prose.flatMap((part) => Array.from(part.matchAll(FENCE), ([, code]) => code as string));
}
