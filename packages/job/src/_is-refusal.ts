/** Errors that are thrown before a request is made. */
const BEFORE = ["soft-error", "needs-size", "needs-steps", "locked"];

/**
 * Whether what failed so has certainly not been started: it did not arrive, or was refused in so many words. A reply of 408
 * says that the server gave up on the request, not that nothing came of it.
 */
export function isRefusal(error: unknown): boolean {
  const { status, reached, code } = Object(error) as { status?: unknown; reached?: unknown; code?: unknown };
  if (reached === false || BEFORE.includes(code as string)) return true;
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408;
}
