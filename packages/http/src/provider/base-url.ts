import { describe } from "../describe.ts";

/** What is known of a base URL before it is taken. */
export interface BaseUrlPlace {
  /** The provider's name, for messages. */
  readonly provider: string;
  /** @default "baseUrl" */
  readonly option?: string;
  /** Whether the key may go over plain HTTP to another machine. */
  readonly insecure: boolean | undefined;
}

/**
 * Checks where the key is to be sent, and gives it back.
 *
 * @throws {TypeError} when it is no absolute address. {RangeError} when the key would go over plain HTTP.
 */
export function baseUrlOf(given: unknown, { provider, option = "baseUrl", insecure = false }: BaseUrlPlace): string {
  const text = given instanceof URL ? given.href : given;
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (!url) {
    // The text itself may hold a key, and is not shown.
    const received = typeof text === "string" ? "a text that is none" : describe(text);
    throw new TypeError(`Cannot use ${provider}: "${option}" must be an absolute https: URL, received ${received}`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (insecure || isLoopback(url)))) {
    throw new RangeError(
      `Cannot use ${provider}: "${option}" must be https:, or http: to this machine, received ${url.protocol} to ${url.hostname}; "insecure: true" allows it`,
    );
  }
  return text as string;
}

/** Whether an address is this very machine's. */
export function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
