import { type OpenedSource, openSendable } from "@sluice/http/provider";
import { UrlError } from "@sluice/source";

/** Who takes longer does not get through to kie.ai either. */
const TIMEOUT = 30_000;

/**
 * Asks what is at an address. With `tolerant`, undefined where its server cannot be reached from here: kie.ai may all the
 * same. An answer that says no says it to kie.ai, too.
 */
export async function lookAt(
  url: URL,
  { tolerant, signal }: { tolerant: boolean; signal: AbortSignal | undefined },
): Promise<OpenedSource | undefined> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  try {
    return await openSendable(url, {
      provider: "kie.ai",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    const unreachable = error instanceof UrlError ? error.status === undefined : error === timeout.reason;
    if (tolerant && unreachable) return undefined;
    throw error;
  }
}
