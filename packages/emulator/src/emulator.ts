import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { ByteStore } from "./byte-store.ts";
import { type Clock, createClock } from "./clock.ts";
import { controlApi } from "./control.ts";
import type { FaultRule } from "./fault-rule.ts";
import { FaultRules, type Faults } from "./faults.ts";
import { type KieOptions, kieProvider } from "./kie/provider.ts";
import { type OneAiOptions, oneaiProvider } from "./oneai/provider.ts";
import { type OpenAiOptions, openaiProvider } from "./openai/provider.ts";
import { checkOptions } from "./options.ts";
import { PREFIXES, type Provider, type ProviderName } from "./provider.ts";
import type { ReceivedUploads } from "./received-uploads.ts";
import { type ReplicateOptions, replicateProvider } from "./replicate/provider.ts";
import type { RequestRecord } from "./request-log.ts";
import { createEmulatorServer } from "./server.ts";
import { FileShelf, type StoredFiles } from "./stored-files.ts";

/** How {@link startEmulator} sets up. */
export interface EmulatorOptions {
  /**
   * Where to listen. Anything but a loopback address is warned of, since there are no accounts here.
   *
   * @default "127.0.0.1"
   */
  host?: string;
  /**
   * The port; 0 takes a free one.
   *
   * @default 0
   */
  port?: number;
  /** A folder to keep received files in; without it their digests are kept, not their bytes. */
  storage?: string;
  /**
   * Whether md5 and sha256 are computed of what is received.
   *
   * @default true
   */
  digests?: boolean;
  /** Faults from the first request on. */
  faults?: readonly FaultRule[];
  /** A date to stand still at, or a clock made by `createClock`; without it, time runs. */
  clock?: Date | Clock;
  /**
   * What `rate` in fault rules draws from: the same seed and the same order of requests on a route fail alike.
   *
   * @default 1
   */
  seed?: number;
  /**
   * Whether pages of any origin may call.
   *
   * @default false
   */
  cors?: boolean;
  /** Choices where OpenAI's behaviour is not known. */
  openai?: OpenAiOptions;
  /** What a test may want of Replicate. */
  replicate?: ReplicateOptions;
  /** What a test may want of OneAI. */
  oneai?: OneAiOptions;
  /** What a test may want of kie.ai. */
  kie?: KieOptions;
}

/** A running emulator. */
export interface Emulator extends AsyncDisposable {
  /** Where it listens, such as `http://127.0.0.1:4010`. */
  readonly url: string;
  /** The base URL to give to a client of each provider. */
  readonly urls: Readonly<Record<ProviderName, string>>;
  /** What arrived, oldest first; the last 10,000. Empty it with `requests.length = 0`. */
  readonly requests: RequestRecord[];
  readonly faults: Faults;
  readonly clock: Clock;
  readonly files: StoredFiles;
  readonly uploads: ReceivedUploads;
  /** Ends every connection and the worker, and removes what was spooled. */
  close(): Promise<void>;
}

/**
 * Starts a local stand-in for the providers.
 *
 * @returns the emulator, listening
 * @throws {TypeError | RangeError} at once, for options that are wrong
 *
 * @example
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { startEmulator } from "@sluice/emulator";
 *
 * await using emulator = await startEmulator();
 * const reply = await fetch(`${emulator.urls.openai}/files`);
 * strictEqual(reply.status, 401);
 * strictEqual(emulator.requests[0]?.route, "files.list");
 * ```
 */
export function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  checkOptions(options);
  const { host = "127.0.0.1", port = 0, digests = true, storage, seed = 1, cors = false } = options;
  const clock = options.clock instanceof Date ? createClock(options.clock) : (options.clock ?? createClock());
  const bytes = new ByteStore({ digests, storage });
  const files = new FileShelf();
  const services = { clock, bytes, shelf: files };
  const openai = openaiProvider(services, options.openai ?? {});
  const providers: readonly Provider[] = [
    openai,
    replicateProvider(services, options.replicate ?? {}),
    oneaiProvider(services, options.oneai ?? {}),
    kieProvider(services, options.kie ?? {}),
  ];
  const faults = new FaultRules(seed, new Map(providers.map(({ name, routes }) => [name, routes])));
  faults.set(options.faults ?? []);
  const requests: RequestRecord[] = [];
  const uploads: ReceivedUploads = {
    get: (id) => openai.uploads().find((upload) => upload.id === id),
    list: () => openai.uploads(),
  };
  const urls = { openai: "", replicate: "", oneai: "", kie: "" };
  const control = controlApi({ urls, files, uploads, faults, clock, requests });
  const server = createEmulatorServer({ providers, faults, requests, clock, control, cors });

  const end = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    for (const provider of providers) provider.close?.();
    await closed;
    await bytes.close();
  };
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ended ??= end();
    return ended;
  };
  const listen = async (): Promise<Emulator> => {
    server.listen(port, host);
    await once(server, "listening");
    const url = urlOf(server.address() as AddressInfo);
    for (const [name, prefix] of Object.entries(PREFIXES)) urls[name as ProviderName] = url + prefix;
    warnUnlessLoopback(server.address() as AddressInfo);
    return { url, urls, requests, faults, clock, files, uploads, close, [Symbol.asyncDispose]: close };
  };
  return listen();
}

/** Where to reach an address; one that stands for all is reached by loopback. */
function urlOf({ address, family, port }: AddressInfo): string {
  if (family === "IPv6") return `http://[${address === "::" ? "::1" : address}]:${port}`;
  return `http://${address === "0.0.0.0" ? "127.0.0.1" : address}:${port}`;
}

function warnUnlessLoopback({ address, port }: AddressInfo): void {
  if (/^(127\.|::1$|::ffff:127\.)/.test(address)) return;
  process.stderr.write(
    `WARNING: the Sluice emulator listens on ${address}:${port}, which other machines can reach. ` +
      "It accepts any key, stores what it is sent, and lets anyone set faults. Use the default host unless that is meant.\n",
  );
}
