import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import type { Route } from "../provider.ts";
import type { Reply } from "../reply.ts";
import { KieError } from "./errors.ts";
import type { FileTable, KieFile } from "./file-table.ts";
import type { JobTable } from "./job-table.ts";
import { outputFile } from "./outputs.ts";

/** How long a temporary link is good. */
const LINK_LIFETIME = 20 * 60_000;

/** What is served, and how it is called. */
interface Served {
  readonly size: number;
  readonly type: string;
  readonly etag: string;
  bytes(start: number, end: number): AsyncIterable<Buffer>;
}

export interface DownloadServices {
  readonly files: FileTable;
  readonly jobs: JobTable;
  readonly clock: Clock;
  readonly userId: string;
  /** Where this provider begins, as the client reached it. */
  readonly baseUrl: (exchange: Exchange) => string;
}

/** The addresses of files and outputs, and what is at them. They ask for no key. */
export class Downloads {
  readonly #services: DownloadServices;
  readonly #links = new Map<string, { readonly target: string; readonly until: number }>();

  constructor(services: DownloadServices) {
    this.#services = services;
  }

  routes(): Route[] {
    const { userId } = this.#services;
    const file = (exchange: Exchange) => {
      const { user_id: user, path = "" } = exchange.params;
      return this.#serve(exchange, user === userId ? this.#file(path) : undefined);
    };
    const output = (exchange: Exchange) => {
      const { task_id: id = "", name = "" } = exchange.params;
      return this.#serve(exchange, this.#output(id, name));
    };
    const link = (exchange: Exchange) => this.#serve(exchange, this.#linked(exchange.params["link"] ?? ""));
    return ["GET", "HEAD"].flatMap((method) => [
      { name: "files.download", method, path: "/kieai/{user_id}/{path...}", handle: file },
      { name: "outputs.content", method, path: "/outputs/{task_id}/{name}", handle: output },
      { name: "downloads.content", method, path: "/links/{link}", handle: link },
    ]);
  }

  /** Where a file can be downloaded. */
  urlOf(exchange: Exchange, path: string): string {
    const { baseUrl, userId } = this.#services;
    return `${baseUrl(exchange)}/kieai/${userId}/${path.split("/").map(encodeURIComponent).join("/")}`;
  }

  /** Names the outputs of a job. */
  outputs(exchange: Exchange, id: string): (name: string) => string {
    const base = this.#services.baseUrl(exchange);
    return (name) => `${base}/outputs/${id}/${name}`;
  }

  /** The file that an address of ours stands for; undefined where the address is none of ours. */
  fileAt(exchange: Exchange, url: URL): { readonly file: KieFile | undefined } | undefined {
    const prefix = new URL(`${this.#services.baseUrl(exchange)}/kieai/${this.#services.userId}/`);
    if (url.origin !== prefix.origin || !url.pathname.startsWith(prefix.pathname)) return undefined;
    return { file: this.#services.files.get(decode(url.pathname.slice(prefix.pathname.length))) };
  }

  /** A link to what is at an address of ours, for 20 minutes; undefined for others. */
  temporary(exchange: Exchange, target: string): string | undefined {
    const base = this.#services.baseUrl(exchange);
    if (!target.startsWith(`${base}/`) || this.#at(target.slice(base.length)) === undefined) return undefined;
    const link = randomBytes(24).toString("base64url");
    const until = this.#services.clock.now().getTime() + LINK_LIFETIME;
    this.#links.set(link, { target: target.slice(base.length), until });
    return `${base}/links/${link}`;
  }

  #linked(link: string): Served | undefined {
    const found = this.#links.get(link);
    if (found === undefined || this.#services.clock.now().getTime() >= found.until) return undefined;
    return this.#at(found.target);
  }

  /** What is at a path below our own. */
  #at(path: string): Served | undefined {
    const [, first = "", second = "", ...rest] = path.split("/");
    if (first === "outputs") return this.#output(second, rest.join("/"));
    if (first === "kieai" && second === this.#services.userId) return this.#file(rest.map(decode).join("/"));
    return undefined;
  }

  #file(path: string): Served | undefined {
    const file = this.#services.files.served(path);
    if (file === undefined) return undefined;
    const { type, size, etag, bytes } = file;
    return {
      type,
      size,
      etag,
      bytes(start, end) {
        if (bytes === undefined) {
          const why = "the emulator keeps digests, not bytes, unless it is started with the `storage` option";
          throw new KieError(404, `File not found (${why})`);
        }
        return start < end ? createReadStream(bytes, { start, end: end - 1 }) : none();
      },
    };
  }

  #output(id: string, name: string): Served | undefined {
    const job = this.#services.jobs.withOutputs(id);
    const file = job && outputFile(job.details.script, name);
    return file && { ...file, etag: `"${id}-${name}"` };
  }

  #serve({ request }: Exchange, served: Served | undefined): Reply {
    if (served === undefined) throw new KieError(404, "File not found: it expired, or never was");
    const { size, type, etag } = served;
    const headers = {
      "content-type": /^[!-~]+\/[ -~]+$/.test(type) ? type : "application/octet-stream",
      "cache-control": "max-age=86400",
      "accept-ranges": "bytes",
      etag,
    };
    const [, from, to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const validator = request.headers["if-range"] ?? etag;
    if (request.headers["if-match"] !== undefined && request.headers["if-match"] !== etag) {
      return { status: 412, headers, text: "" };
    }
    if (from === undefined || validator !== etag) {
      return { status: 200, headers, stream: { bytes: served.bytes(0, size), size } };
    }
    const start = Number(from);
    const end = to === "" ? size : Math.min(size, Number(to) + 1);
    if (start >= end) return { status: 416, headers: { ...headers, "content-range": `bytes */${size}` }, text: "" };
    return {
      status: 206,
      headers: { ...headers, "content-range": `bytes ${start}-${end - 1}/${size}` },
      stream: { bytes: served.bytes(start, end), size: end - start },
    };
  }
}

async function* none(): AsyncGenerator<Buffer> {}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
