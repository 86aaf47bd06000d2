import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Where a process dies: before its request of that number is passed on, or when the reply to it begins to come back. */
export interface DeadlyRequest {
  readonly index: number;
  readonly answered: boolean;
}

/** Stands between a process and a server, passes bytes on, and says when to kill: deterministic where a timer is not. */
export class DeadlyProxy implements AsyncDisposable {
  /** `METHOD /path` of each request that came by. */
  readonly requests: string[] = [];
  /** What the server said to each of them, the one that was withheld included. */
  readonly replies: string[] = [];
  readonly #server = createServer((socket) => this.#pass(socket));
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  #death: (DeadlyRequest & { readonly kill: () => void }) | undefined;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  /** The base URL to give to the process. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#target.pathname}`;
  }

  /** Kills at a request, counted from now on. */
  arm(death: DeadlyRequest | undefined, kill: () => void): void {
    this.#death = death && { ...death, index: this.requests.length + death.index, kill };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    let asked = -1;
    client.on("data", (chunk) => {
      const [line] = chunk.toString("latin1", 0, 2048).match(/^[A-Z]+ \/\S*(?= HTTP\/1\.1\r\n)/) ?? [];
      if (line !== undefined) asked = this.requests.push(line) - 1;
      if (this.#dies(asked, false)) return client.destroy();
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      this.replies[asked] = (this.replies[asked] ?? "") + chunk.toString("latin1");
      if (this.#dies(asked, true)) client.destroy();
      else client.write(chunk);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  #dies(request: number, answered: boolean): boolean {
    const death = this.#death;
    if (death === undefined || request !== death.index || answered !== death.answered) return false;
    death.kill();
    return true;
  }
}
