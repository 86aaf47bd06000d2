import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { PREFIXES, type Provider, type Route } from "../provider.ts";
import { Pulse } from "../pulse.ts";
import type { Reply } from "../reply.ts";
import type { FileShelf } from "../stored-files.ts";
import { Downloads } from "./downloads.ts";
import { failureReply, faultEnvelope, type Host, KieError } from "./errors.ts";
import { FileTable } from "./file-table.ts";
import { JobTable } from "./job-table.ts";
import { jobRoutes } from "./jobs.ts";
import { UPLOAD_PATHS, type UploadReply, uploadRoutes } from "./uploads.ts";

/** How the kie.ai part of the emulator behaves where a test wants to say so, or the service's own way is not known. */
export interface KieOptions {
  /** The one key that is accepted; without it, any is. */
  apiKey?: string;
  /**
   * Whether failures come with HTTP 200 and a bad code inside.
   *
   * @default those of jobs do, those of uploads do not
   */
  softErrors?: boolean;
  /**
   * Whether an upload without `uploadPath` is refused, as the reference has it and the quickstart has not.
   *
   * @default true
   */
  requireUploadPath?: boolean;
  /**
   * The members of an upload's answer: as seen of the live service, or as the quickstart shows them.
   *
   * @default "live"
   */
  uploadReply?: UploadReply;
  /**
   * How long files are kept, in milliseconds of the emulator's clock.
   *
   * @default 86_400_000
   */
  lifetime?: number;
  /**
   * How long a file that was overwritten is served all the same.
   *
   * @default 0
   */
  staleFor?: number;
  /**
   * How long a download by URL may take, in real milliseconds.
   *
   * @default 30_000
   */
  urlTimeout?: number;
  /**
   * How long a job has no record after it was created, in milliseconds of the emulator's clock.
   *
   * @default 50
   */
  early?: number;
  /**
   * How long it is `waiting`.
   *
   * @default 50
   */
  wait?: number;
  /**
   * How long it is `queuing`.
   *
   * @default 50
   */
  queue?: number;
  /**
   * How long it is `generating`.
   *
   * @default 150
   */
  run?: number;
  /** What callbacks are signed with; without it they are not. */
  webhookKey?: string;
  /**
   * What the account has; a job costs one.
   *
   * @default 1_000_000
   */
  credits?: number;
  /**
   * Jobs that may be created within 10 seconds; the service has 20.
   *
   * @default Infinity
   */
  rateLimit?: number;
}

/** What the provider shares with the rest of the emulator. */
export interface KieServices {
  readonly clock: Clock;
  readonly bytes: ByteStore;
  readonly shelf: FileShelf;
}

/** Below these, only what the live hosts have each: so that a client that mixes them up is found out. */
const ONLY = { upload: "/upload-host", api: "/api-host" } as const;
const USER_ID = "100001";

/** kie.ai's uploads, jobs, callbacks and downloads. */
export function kieProvider({ clock, bytes, shelf }: KieServices, options: KieOptions): Provider {
  const { apiKey, softErrors, requireUploadPath = true, uploadReply = "live", webhookKey } = options;
  const { lifetime = 86_400_000, staleFor = 0, urlTimeout = 30_000 } = options;
  const { early = 50, wait = 50, queue = 50, run = 150, credits = 1_000_000, rateLimit = Infinity } = options;
  const prefix = PREFIXES.kie;
  const pulse = new Pulse();
  const files = new FileTable({ clock, bytes, shelf }, { lifetime, staleFor });
  const jobs = new JobTable(clock, { credits, rateLimit });
  const baseUrl = ({ request }: Exchange) => `http://${hostOf(request.headers.host)}${prefix}`;
  const downloads = new Downloads({ files, jobs, clock, userId: USER_ID, baseUrl });
  const failed = (error: unknown, host: Host): Reply => failureReply(error, host, softErrors ?? host === "api");
  /** The routes of one host, with failures in its own words. */
  const on = (host: Host, routes: readonly Route[]): Route[] =>
    routes.map((route) => ({
      ...route,
      handle: async (exchange) => {
        try {
          checkKey(exchange.request.headers.authorization, apiKey, host);
          return await route.handle(exchange);
        } catch (error) {
          return failed(error, host);
        }
      },
    }));
  const uploads = uploadRoutes({
    files,
    bytes,
    clock,
    requireUploadPath,
    urlTimeout,
    uploadReply,
    closed: pulse.closed,
    urlOf: (exchange, path) => downloads.urlOf(exchange, path),
  });
  const ofUploads = on("upload", uploads);
  const ofJobs = on(
    "api",
    jobRoutes({ jobs, downloads, bytes, clock, pulse, pace: { early, wait, queue, run }, webhookKey }),
  );
  const below = (at: string, routes: readonly Route[]) => routes.map((route) => ({ ...route, path: at + route.path }));
  return {
    name: "kie",
    prefix,
    routes: [
      ...ofUploads,
      ...ofJobs,
      ...below(ONLY.upload, ofUploads),
      ...below(ONLY.api, ofJobs),
      ...downloads.routes(),
    ],
    // Each host asks in its own words; downloads do not ask.
    authorize: () => {},
    headers: ({ record }) => ({ "cf-ray": record.id }),
    failed: (error) => failureReply(error, "upload", false),
    refused: (code, message) => ({ status: code, json: faultEnvelope(code, message) }),
    softError: (code, message) => ({ status: 200, json: faultEnvelope(code, message) }),
    noRoute(_method, path, allowed) {
      const below = path.slice(prefix.length);
      const host = hostAt(below);
      if (allowed.length > 0) {
        const headers = { allow: [...new Set(allowed)].join(", ") };
        return { ...failed(new KieError(405, "Method not allowed"), host), headers };
      }
      if (host === "api") {
        const json = { status: 404, error: "Not Found", path: below.replace(ONLY.api, "") };
        return { status: 404, json };
      }
      const list = UPLOAD_PATHS.map((each) => `POST ${each}`).join(", ");
      return { status: 404, json: { success: false, code: 404, msg: `Not Found. Available endpoints: ${list}` } };
    },
    close: () => pulse.close(),
  };
}

function hostAt(path: string): Host {
  if (path.startsWith(ONLY.upload)) return "upload";
  return path.startsWith(ONLY.api) || path.startsWith("/api/v1/") ? "api" : "upload";
}

function checkKey(authorization: string | undefined, apiKey: string | undefined, host: Host): void {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  if (given !== undefined && (apiKey === undefined || given === apiKey)) return;
  const message = host === "upload" ? "Authentication failed: Invalid API Key" : "You do not have access permissions";
  throw new KieError(401, message);
}

/** Where the client reached us, so that the addresses it gets lead there, too. */
function hostOf(host: string | undefined): string {
  return host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).host : "127.0.0.1";
}
