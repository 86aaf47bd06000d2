// A process of its own, `<project>`: starts emulators for suites that cannot run one, and serves pages their files. It
// prints its address, and ends with its input.
import { createReadStream, existsSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { PAGES } from "./bundle-suites.ts";
import { memoryOf } from "./process-memory.ts";
import { stampedFile } from "./stamped-file.ts";

interface Emulator {
  readonly url: string;
  readonly urls: object;
  close(): Promise<void>;
}

const [project] = process.argv.slice(2) as [string];
const entry = pathToFileURL(join(project, "node_modules/@sluice/emulator/dist/index.js"));
const { startEmulator } = (await import(entry.href)) as { startEmulator(options: object): Promise<Emulator> };
const emulators = new Map<string, Emulator>();

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://host");
  if (request.method === "GET") {
    const file = join(project, PAGES, normalize(pathname));
    const found = existsSync(file);
    response.writeHead(found ? 200 : 404, {
      // A page must be isolated to have shared memory, which tests of what is done with it make.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "content-type": pathname.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8",
    });
    if (found) createReadStream(file).pipe(response);
    else response.end();
    return;
  }
  answer(pathname, request).then(
    (value) => response.end(JSON.stringify(value ?? null)),
    (error: Error) => response.writeHead(500).end(error.message),
  );
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  console.log(`http://127.0.0.1:${port}`);
});
process.stdin.on("end", () => process.exit()).resume();

async function answer(path: string, request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  switch (path) {
    case "/start": {
      const emulator = await startEmulator({ cors: true, ...JSON.parse(body) });
      emulators.set(emulator.url, emulator);
      return { url: emulator.url, urls: emulator.urls };
    }
    case "/close":
      await emulators.get(body)?.close();
      emulators.delete(body);
      return undefined;
    case "/large-file":
      return stampedFile();
    case "/memory":
      return memoryOf(Number(body));
    default:
      throw new Error(`Nothing at ${path}`);
  }
}
