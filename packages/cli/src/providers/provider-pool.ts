import type { ProviderEntry, ProviderHandle } from "./provider-entry.ts";
import { openProvider } from "./providers.ts";

/** Clients of several providers and places, each opened once. */
export class ProviderPool implements AsyncDisposable {
  readonly #handles = new Map<string, Promise<ProviderHandle>>();

  /** @throws {UsageError} as `openProvider` does. */
  open(provider: ProviderEntry, baseUrl: string | undefined): Promise<ProviderHandle> {
    const at = JSON.stringify([provider.name, baseUrl]);
    const handle = this.#handles.get(at) ?? openProvider(provider, baseUrl);
    this.#handles.set(at, handle);
    return handle;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#handles.values());
    await Promise.all(opened.map((each) => each.status === "fulfilled" && each.value[Symbol.asyncDispose]()));
  }
}
