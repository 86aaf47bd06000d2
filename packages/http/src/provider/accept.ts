import type { ByteSource } from "@sluice/source";

/** What may be sent, checked before the first byte. */
export interface AcceptOptions {
  /** Media types, such as `image/png` or `image/*`. @default any */
  accept?: readonly string[] | undefined;
}

/** What was to be sent is of a media type that `accept` leaves out. */
export class NotAcceptedError extends Error {
  override readonly name = "NotAcceptedError";
  readonly code = "not-accepted";
  readonly retryable = false;
  readonly type: string;
  readonly accept: readonly string[];

  constructor(
    provider: string,
    {
      name = "the source",
      type = "application/octet-stream",
    }: { name?: string | undefined; type?: string | undefined },
    accept: readonly string[],
  ) {
    super(`Cannot send "${name}" to ${provider}: it is ${type}, and "accept" allows ${accept.join(", ")}`);
    this.type = type;
    this.accept = accept;
  }
}

/** @throws {NotAcceptedError} when the source's media type is none of `accept`. */
export function checkAccepted(
  provider: string,
  { name, type }: Pick<ByteSource, "name" | "type">,
  { accept }: AcceptOptions,
): void {
  if (accept === undefined || accept.some((pattern) => matches(pattern, type ?? "application/octet-stream"))) return;
  throw new NotAcceptedError(provider, { name, type }, accept);
}

/** A media type without its parameters, against a pattern. */
function matches(pattern: string, type: string): boolean {
  const [essence = ""] = type.toLowerCase().split(";", 1);
  const wanted = pattern.trim().toLowerCase();
  if (wanted === "*/*" || wanted === "*") return true;
  return wanted.endsWith("/*") ? essence.startsWith(wanted.slice(0, -1)) : essence.trim() === wanted;
}
