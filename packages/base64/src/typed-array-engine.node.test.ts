// Node gets these methods in version 25 only. With a conformant stand-in, the tests run once more, on this engine too.
import "core-js/actual/typed-array/to-base64.js";
import "core-js/actual/typed-array/set-from-base64.js";
import { expect, test } from "vitest";
import { bufferEngine } from "./buffer-engine.ts";
import { platformEngine } from "./engine.ts";
import { typedArrayEngine } from "./typed-array-engine.ts";

await import("./encoder.test.ts");
await import("./decoder.test.ts");

test("the typed arrays' own methods come before Buffer", () => {
  expect(bufferEngine()).toBeDefined();
  expect(String(platformEngine().decode)).toBe(String(typedArrayEngine()?.decode));
});
