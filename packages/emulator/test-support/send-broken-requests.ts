import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Emulator } from "../src/index.ts";
import { brokenRequest, ROUTES, rawReply, seeded } from "./broken-requests.ts";

/** Whether a body is an error in the words of a provider. */
const SHAPES: Record<keyof typeof ROUTES, (body: Record<string, unknown>) => boolean> = {
  openai: ({ error }) => typeof (error as { message?: unknown } | undefined)?.message === "string",
  replicate: ({ detail, title }) => typeof (detail ?? title) === "string",
  oneai: ({ status_code, message }) => typeof status_code === "number" && typeof message === "string",
  // Before its API stands a gateway, which has words of its own for what it has no route to.
  kie: ({ code, msg, status, error }) =>
    (typeof code === "number" && typeof msg === "string") || (status === 404 && error === "Not Found"),
};

/** What came back for a row of broken requests. */
export interface Tally {
  /** By the first digit of the status; `closed` where there was no reply. */
  readonly answers: Readonly<Record<string, number>>;
  /** Replies that should not be: the emulator's own failures, and refusals that are not the provider's. */
  readonly wrong: readonly { readonly request: string; readonly reply: string }[];
}

/** Sends so many broken requests, as many at once as there are files that a process may have open. */
export async function sendBrokenRequests(emulator: Emulator, count: number, seed: number): Promise<Tally> {
  const random = seeded(seed);
  const names = Object.keys(ROUTES) as (keyof typeof ROUTES)[];
  const port = Number(new URL(emulator.url).port);
  const answers: Record<string, number> = {};
  const wrong: { request: string; reply: string }[] = [];
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent < count) {
      const provider = names[sent % names.length] as keyof typeof ROUTES;
      sent += 1;
      const request = brokenRequest(emulator.urls[provider], ROUTES[provider], random);
      const reply = await rawReply(port, request);
      const kind = /^HTTP\/1\.1 (\d)/.exec(reply)?.[1] ?? "closed";
      answers[kind] = (answers[kind] ?? 0) + 1;
      if (!isRight(provider, reply)) wrong.push({ request: request.toString("latin1").slice(0, 500), reply });
    }
  };
  await Promise.all(Array.from({ length: 100 }, worker));
  return { answers, wrong };
}

function isRight(provider: keyof typeof ROUTES, reply: string): boolean {
  if (reply === "" || /^HTTP\/1\.1 [23]/.test(reply)) return true;
  if (!/^HTTP\/1\.1 4/.test(reply)) return false;
  const [head = "", body = ""] = reply.split("\r\n\r\n", 2);
  // What is not HTTP cannot be told a provider's, nor what asks for a place that nobody has.
  if (/^connection: close$/im.test(head) || body === "" || body.startsWith('{"error":"Nothing at ')) return true;
  try {
    return SHAPES[provider](JSON.parse(body));
  } catch {
    return false;
  }
}

/** What is on disk under the temporary folder. */
export function filesLeft(): string[] {
  return readdirSync(tmpdir(), { recursive: true }).map(String);
}
