import { randomBytes } from "node:crypto";
import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { PREFIXES, type Provider } from "../provider.ts";
import { Pulse } from "../pulse.ts";
import type { FileShelf } from "../stored-files.ts";
import { problem, ReplicateError, throttled, unauthenticated } from "./errors.ts";
import { FileTable } from "./file-table.ts";
import { fileRoutes } from "./files.ts";
import { modelRoutes } from "./models.ts";
import { PredictionTable } from "./prediction-table.ts";
import { predictionRoutes } from "./predictions.ts";

/** How the Replicate part of the emulator behaves where a test wants to say so. */
export interface ReplicateOptions {
  /** The one token that is accepted; without it, any is. */
  apiToken?: string;
  /**
   * The most bytes that a file may hold.
   *
   * @default 100_000_000
   */
  maxFileSize?: number;
  /**
   * How long a pretend model waits to begin, in milliseconds of the emulator's clock.
   *
   * @default 50
   */
  start?: number;
  /**
   * How long it runs.
   *
   * @default 200
   */
  run?: number;
  /** What signs webhooks, `whsec_` and base64; drawn at the start unless given. */
  webhookSecret?: string;
  /**
   * What addresses of downloads are signed with.
   *
   * @default "files-secret"
   */
  filesSecret?: string;
}

/** What the provider shares with the rest of the emulator. */
export interface ReplicateServices {
  readonly clock: Clock;
  readonly bytes: ByteStore;
  readonly shelf: FileShelf;
}

/** Routes whose addresses are keys in themselves. */
const OPEN: readonly (string | undefined)[] = ["files.download", "predictions.stream", "outputs.content"];

/** Replicate's files, predictions, event streams and webhooks. */
export function replicateProvider(
  { clock, bytes, shelf }: ReplicateServices,
  {
    apiToken,
    maxFileSize = 100_000_000,
    start = 50,
    run = 200,
    webhookSecret = `whsec_${randomBytes(24).toString("base64")}`,
    filesSecret = "files-secret",
  }: ReplicateOptions,
): Provider {
  const prefix = PREFIXES.replicate;
  const pulse = new Pulse();
  const files = new FileTable({ clock, shelf, bytes }, filesSecret);
  const predictions = new PredictionTable(clock);
  const baseUrl = ({ request }: Exchange) => `http://${hostOf(request.headers.host)}${prefix}`;
  return {
    name: "replicate",
    prefix,
    routes: [
      ...fileRoutes({ files, bytes, shelf, maxFileSize, baseUrl }),
      ...predictionRoutes({
        predictions,
        files,
        bytes,
        clock,
        pulse,
        pace: { start, run },
        webhookSecret,
        prefix,
        baseUrl,
      }),
      ...modelRoutes(clock),
      {
        name: "webhooks.secret",
        method: "GET",
        path: "/webhooks/default/secret",
        handle: () => ({ status: 200, json: { key: webhookSecret } }),
      },
    ],
    authorize({ request, record }) {
      if (OPEN.includes(record.route)) return;
      const given = request.headers.authorization ?? "";
      if (given === "") throw unauthenticated("You did not pass an authentication token");
      const [, token] = /^(?:Bearer|Token) +(\S+)$/i.exec(given) ?? [];
      if (token === undefined || (apiToken !== undefined && token !== apiToken)) {
        throw unauthenticated("You did not pass a valid authentication token");
      }
    },
    headers: ({ record }) => ({
      "cf-ray": record.id,
      "ratelimit-remaining": record.route === "predictions.create" ? "599" : "2999",
      "ratelimit-reset": "1",
    }),
    failed: problem,
    refused: (status, message, retryAfter) =>
      problem(
        status === 401
          ? unauthenticated(message)
          : status === 429
            ? throttled(retryAfter)
            : new ReplicateError(status, message),
      ),
    softError: (_code, message) => ({ ...problem(new ReplicateError(400, message)), status: 200 }),
    noRoute(method, path, allowed) {
      if (allowed.length === 0) {
        return problem(new ReplicateError(404, `The requested resource could not be found: ${method} ${path}`));
      }
      const headers = { allow: allowed.join(", ") };
      return problem(new ReplicateError(405, `Method "${method}" not allowed.`, { headers }));
    },
    close: () => pulse.close(),
  };
}

/** Where the client reached us, so that the addresses it gets lead there, too. */
function hostOf(host: string | undefined): string {
  return host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).host : "127.0.0.1";
}
