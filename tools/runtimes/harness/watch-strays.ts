interface ProcessLike {
  on(event: "unhandledRejection" | "uncaughtException", listener: (error: unknown) => void): void;
}

/** Tells of every rejection that nobody handles and of every error that nobody catches. */
export function watchStrays(tell: (error: unknown) => void): void {
  const { process, Deno } = globalThis as { process?: Partial<ProcessLike>; Deno?: unknown };
  if (typeof process?.on === "function" && Deno === undefined) {
    process.on("unhandledRejection", tell);
    process.on("uncaughtException", tell);
    return;
  }
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    tell(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    tell(event.error ?? event.message);
  });
}
