import fc from "fast-check";

// The quick tests again, with many more generated cases.
fc.configureGlobal({ numRuns: 100_000 });
await import("./encoder.test.ts");
await import("./decoder.test.ts");
await import("./encoded-length.test.ts");
await import("./one-shot.test.ts");
