/** A variable of the environment, where the runtime has one; an empty one counts as absent. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/**
 * Checks where the key is to be sent.
 *
 * @throws {TypeError} when it is no absolute address. {RangeError} when the key would go over plain HTTP.
 */
export function baseUrlOf(text: string, insecure: boolean): string {
  if (!URL.canParse(text)) {
    throw new TypeError('Cannot use OpenAI: "baseUrl" must be an absolute address such as https://api.openai.com/v1');
  }
  const { protocol, hostname } = new URL(text);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && (loopback || insecure))) {
    throw new RangeError(
      `Cannot use OpenAI: "baseUrl" must be https:, or http: to this machine, received ${protocol} to ${hostname}; "insecure: true" allows it`,
    );
  }
  return text;
}
