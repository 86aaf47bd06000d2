// Takes the WebAssembly modules that are used out of hash-wasm, where they lie as base64, into `dist/wasm`, with its
// licence: for runtimes that import WebAssembly and do not compile it. A part of the build.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { MODULE_TRAITS } from "./src/_module-traits.ts";

const { resolve } = createRequire(import.meta.url);
const folder = join(import.meta.dirname, "dist/wasm");

mkdirSync(folder, { recursive: true });
for (const { file, build } of Object.values(MODULE_TRAITS)) {
  const path = resolve(`hash-wasm/dist/${file}.umd.min.js`);
  const [, base64 = ""] = /\bdata:"([\w+/=]+)"/.exec(readFileSync(path, "utf8")) ?? [];
  const bytes = Buffer.from(base64, "base64");
  const sha1 = createHash("sha1").update(bytes).digest("hex");
  if (!sha1.startsWith(build)) {
    throw new Error(
      `Cannot extract WebAssembly from ${path}: expected a module whose SHA-1 is ${build}…, found ${sha1}`,
    );
  }
  writeFileSync(join(folder, `${file}.wasm`), bytes);
}
copyFileSync(resolve("hash-wasm/LICENSE"), join(folder, "LICENSE"));
