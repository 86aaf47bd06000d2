import fc from "fast-check";

// The quick tests again, with as many generated cases as a night is long.
fc.configureGlobal({ numRuns: 100_000 });
await import("./cutter.test.ts");
