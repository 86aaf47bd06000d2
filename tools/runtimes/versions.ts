/** Every version that a run uses and the lockfile does not name; the one place to change them. */
export const VERSIONS = {
  node22: "22.23.3",
  node24: "24.21.0",
  node26: "26.10.0",
  deno: "2.9.6",
  bun: "1.4.5",
  workerd: "1.20261117.1",
  /** The newest that the TypeScript of each line came to. */
  typescript: ["5.7.3", "5.9.3", "6.0.3", "7.0.2"],
  typesOfNode: "22.19.1",
} as const;

/** What workerd's APIs are to behave like; a date no younger than its version. */
export const COMPATIBILITY_DATE = "2026-11-01";
