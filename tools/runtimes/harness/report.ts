/** What a runtime tells of a run, one message at a time, as plain JSON. */
export type Message =
  | { readonly type: "test"; readonly suite: string; readonly name: string; readonly failure?: string }
  /** Something that no test caught: a rejection that nobody handled, a suite that could not be loaded. */
  | { readonly type: "stray"; readonly failure: string }
  | { readonly type: "end" };

export type Report = (message: Message) => unknown;

/** An error as a text, with its causes, for a person to read. */
export function describeFailure(error: unknown): string {
  const { message, name, stack, cause } = (error ?? {}) as Partial<Error>;
  if (message === undefined) return String(error);
  const lines = (stack ?? "").split("\n").filter((line) => /^\s+at |@/.test(line));
  const own = [`${name}: ${message}`, ...lines.slice(0, 12)].join("\n");
  return cause === undefined ? own : `${own}\ncaused by ${describeFailure(cause)}`;
}
