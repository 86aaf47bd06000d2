/** What the command's exit code says. */
export const EXIT = {
  ok: 0,
  /** Nothing came of it. */
  failed: 1,
  /** The command line, or what it needs to run, is not right. Nothing was done. */
  usage: 2,
  /** Some of several failed. */
  partly: 3,
  /** Stopped by Ctrl-C or a signal. */
  interrupted: 130,
} as const;

/** The exit code of several pieces of work, from those of the pieces. */
export function exitCodeOf(codes: readonly number[]): number {
  const failed = codes.filter((code) => code !== EXIT.ok);
  if (failed.length === 0) return EXIT.ok;
  if (failed.length < codes.length) return EXIT.partly;
  return failed.every((code) => code === EXIT.usage) ? EXIT.usage : EXIT.failed;
}
