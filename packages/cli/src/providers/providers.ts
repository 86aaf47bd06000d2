import { closest } from "../closest.ts";
import { UsageError } from "../command-error.ts";
import { kieEntry } from "./kie.ts";
import { oneaiEntry } from "./oneai.ts";
import { openaiEntry } from "./openai.ts";
import type { ProviderEntry, ProviderHandle } from "./provider-entry.ts";
import { replicateEntry } from "./replicate.ts";

/** All that the command can send to; a new one is a file beside these, and a word in this list. */
export const PROVIDERS: readonly ProviderEntry[] = [openaiEntry, replicateEntry, oneaiEntry, kieEntry];

/** @throws {UsageError} for a name that is none, with the one that was probably meant. */
export function providerNamed(name: string): ProviderEntry {
  const found = PROVIDERS.find((entry) => entry.name === name.toLowerCase());
  if (found) return found;
  const names = PROVIDERS.map((entry) => entry.name);
  const meant = closest(name, names);
  const list = `The providers are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`;
  throw new UsageError(
    `There is no provider "${name}".`,
    meant === undefined ? list : `Did you mean ${meant}? ${list}`,
  );
}

/**
 * Loads a provider's package and makes a client, whose key comes from the environment.
 *
 * @throws {UsageError} without a key, and for an address that holds one.
 */
export async function openProvider(entry: ProviderEntry, baseUrl: string | undefined): Promise<ProviderHandle> {
  if (!process.env[entry.variable]) {
    throw new UsageError(
      `${entry.title} needs a key, and ${entry.variable} is not set.`,
      `Get a key at ${entry.page}, then: export ${entry.variable}=…`,
    );
  }
  if (baseUrl !== undefined) {
    const url = URL.parse(baseUrl);
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new UsageError("What --base-url says is no address.", "Write it whole, such as https://api.example/v1.");
    }
    if (url.username !== "" || url.password !== "" || url.search !== "") {
      throw new UsageError(
        "What --base-url says has a credential in it, which every user of this machine can see with ps.",
        `Leave it out; the key is taken from ${entry.variable}.`,
      );
    }
  }
  try {
    return await entry.open({ baseUrl });
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Where the environment says that the provider is; without what may be a credential. */
export function placeOf({ baseUrlVariable }: ProviderEntry): string | undefined {
  const url = URL.parse(process.env[baseUrlVariable] ?? "");
  return url ? `${url.origin}${url.pathname}` : undefined;
}
