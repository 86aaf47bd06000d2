// A server that writes down what arrives, byte for byte. It knows nothing of HTTP but where a message ends.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** One request, as it came over the line. */
export interface Recorded {
  /** "POST /v1/uploads HTTP/1.1" */
  readonly line: string;
  /** Names as they were written. */
  readonly headers: ReadonlyMap<string, string>;
  /** A character a byte. */
  readonly body: string;
}

export interface Recorder extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: Recorded[];
}

/** Starts one that gives this answer to everything. */
export async function startRecorder(answer: object): Promise<Recorder> {
  const requests: Recorded[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\r\n\r\n") + 4;
      const length = Number(/^content-length: (\d+)$/im.exec(text.slice(0, end))?.[1] ?? 0);
      if (end < 4 || text.length < end + length) return;
      requests.push(recorded(text.slice(0, end - 4), text.slice(end, end + length)));
      text = text.slice(end + length);
      const json = JSON.stringify(answer);
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function recorded(head: string, body: string): Recorded {
  const [line = "", ...rest] = head.split("\r\n");
  const headers = new Map<string, string>();
  for (const header of rest) {
    const [name = "", value = ""] = header.split(/: (.*)/s);
    // Twice would be one too many to compare.
    if (headers.has(name)) throw new Error(`The header ${name} came twice`);
    headers.set(name, value);
  }
  return { line, headers, body };
}
