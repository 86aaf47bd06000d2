// Real servers on loopback for the tests of this package.
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

const folder = new URL("../testdata/", import.meta.url);
const tls = {
  key: readFileSync(new URL("localhost.key.pem", folder)),
  cert: readFileSync(new URL("localhost.cert.pem", folder)),
};

/** Trusts the certificate of these servers in this process. */
export function trustTestCertificate(): void {
  setDefaultCACertificates([...getCACertificates("default"), String(tls.cert)]);
}

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
}

export async function serve(listener: RequestListener): Promise<Running> {
  return run(createServer(listener), "http");
}

export async function serveTls(listener: RequestListener): Promise<Running> {
  return run(createTlsServer(tls, listener), "https");
}

export async function serveHttp2(listener: Parameters<typeof createSecureServer>[1] & {}): Promise<Running> {
  return run(createSecureServer({ ...tls, allowHTTP1: false }, listener), "https");
}

export async function run(
  server: Server | Http2SecureServer | import("node:net").Server,
  scheme: string,
): Promise<Running> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
