// Storage and a service on a server with real sockets, and processes that run a job against it until they are killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

/** When a process is killed: of itself at an entry of its journal, by the server at a request, or so long after the first. */
export type Death =
  | { readonly by: "entry"; readonly moment: number }
  | { readonly by: "request"; readonly index: number; readonly handled: boolean }
  | { readonly by: "time"; readonly after: number };

/** What a process said; undefined where it was killed before. */
export type Said = { readonly result?: string; readonly code?: string; readonly sent?: unknown } | undefined;

const script = join(import.meta.dirname, "job-process.ts");
const SIZE = 10_000;

export class JobService implements AsyncDisposable {
  /** `METHOD /path` of each request, of all processes. */
  readonly requests: string[] = [];
  /** Bodies of the starts. */
  readonly starts: string[] = [];
  readonly uploads: { parts: Map<string, number>; file?: string }[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "sluice-job-"));
  readonly #server = createServer((request, response) => {
    void this.#answer(request).then(
      (answer) => response.end(JSON.stringify(answer)),
      () => response.destroy(),
    );
  });
  #reads = 0;
  /** Asked before and after each request is handled. */
  #dies: (handled: boolean) => boolean = () => false;

  async listen(): Promise<this> {
    const bytes = Uint8Array.from({ length: SIZE }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
    writeFileSync(join(this.#folder, "talk.mp4"), bytes);
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** Runs the job in a process of its own, until it is done or dead. */
  async run(death?: Death, options: object = {}): Promise<Said> {
    const { port } = this.#server.address() as AddressInfo;
    const moment = death?.by === "entry" ? death.moment : -1;
    const args = [script, `http://127.0.0.1:${port}`, this.#folder, String(moment), JSON.stringify(options)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const first = this.requests.length;
    this.#dies = (handled) => {
      if (death?.by !== "request" || this.requests.length - 1 - first !== death.index) return false;
      return death.handled === handled && child.kill("SIGKILL");
    };
    // A moment at random is what is tested.
    if (death?.by === "time") {
      this.#server.once("request", () => setTimeout(() => child.kill("SIGKILL"), death.after));
    }
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await once(child, "close");
    return output === "" ? undefined : (JSON.parse(output) as Said);
  }

  get completed(): number {
    return this.uploads.filter(({ file }) => file !== undefined).length;
  }

  /** Bytes of parts that arrived. */
  get bytes(): number {
    return this.uploads.flatMap(({ parts }) => [...parts.values()]).reduce((sum, size) => sum + size, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
    rmSync(this.#folder, { recursive: true });
  }

  async #answer(request: IncomingMessage): Promise<object> {
    const body = await buffer(request);
    this.requests.push(`${request.method} ${request.url}`);
    if (this.#dies(false)) throw new Error("the process that asked is gone");
    const answer = this.#handle(request.method ?? "", (request.url ?? "").split("/").slice(1), body);
    if (this.#dies(true)) throw new Error("the process that asked is gone");
    return answer;
  }

  #handle(method: string, [kind, id = "", part = ""]: string[], body: Buffer): object {
    if (kind === "tasks" && method === "POST") return { id: `task-${this.starts.push(body.toString())}` };
    if (kind === "tasks") {
      this.#reads += 1;
      return this.#reads < 3 ? { state: "running" } : { state: "succeeded", result: `text of ${id}` };
    }
    if (id === "") return { id: String(this.uploads.push({ parts: new Map() }) - 1) };
    const upload = this.uploads[Number(id)];
    if (!upload) throw new Error("there is no such upload");
    if (part === "complete") upload.file = `file-${id}`;
    else if (method === "PUT") upload.parts.set(part, body.byteLength);
    return { state: upload.file === undefined ? "open" : "completed", file: upload.file };
  }
}
