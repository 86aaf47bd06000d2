import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, type FaultAction, type FaultRule, startEmulator } from "./index.ts";

let emulator: Emulator;
let storage: string;
beforeEach(async () => {
  storage = mkdtempSync(join(tmpdir(), "emulator-test-"));
  emulator = await startEmulator({ storage });
});
afterEach(async () => {
  await emulator.close();
  rmSync(storage, { recursive: true });
});

interface Wire {
  /** Everything that came back, up to the end of the connection or of a whole reply. */
  text: string;
  ended: "reply" | "closed" | "reset" | "silence";
  milliseconds: number;
}

const FORM =
  '--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n' +
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' +
  `${"x".repeat(20_000)}\r\n--b--\r\n`;

/** Speaks HTTP on a bare socket, so that what happens to the connection is seen as it is. */
async function wire(method: string, path: string, body = "", patience = 10_000): Promise<Wire> {
  const { port, pathname } = new URL(emulator.urls.openai + path);
  const started = performance.now();
  const socket = connect(Number(port), "127.0.0.1");
  const result = Promise.withResolvers<Wire["ended"]>();
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
    const length = /content-length: (\d+)\r\n[\s\S]*?\r\n\r\n/i.exec(text);
    if (length !== null && text.length >= length.index + length[0].length + Number(length[1])) result.resolve("reply");
  });
  socket.on("error", () => result.resolve("reset"));
  socket.on("end", () => result.resolve("closed"));
  socket.setTimeout(patience, () => result.resolve("silence"));
  socket.write(
    `${method} ${pathname} HTTP/1.1\r\nHost: emulator\r\nAuthorization: Bearer k\r\n` +
      (body === "" ? "" : "Content-Type: multipart/form-data; boundary=b\r\n") +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  const ended = await result.promise;
  socket.destroy();
  return { text, ended, milliseconds: performance.now() - started };
}

const createFile = (patience?: number) => wire("POST", "/files", FORM, patience);
const jsonOf = ({ text }: Wire) => JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4));
const statusOf = ({ text }: Wire) => Number(text.split(" ")[1]);
const inject = (action: FaultAction, match: FaultRule["match"] = {}) => emulator.faults.set([{ match, do: action }]);

describe("in place of the work", () => {
  test("status answers in the provider's shape", async () => {
    inject({ status: 503 });
    const reply = await createFile();
    expect(statusOf(reply)).toBe(503);
    expect(jsonOf(reply).error).toEqual({
      message: "An injected fault",
      type: "server_error",
      param: null,
      code: null,
    });
    expect(emulator.files.list()).toEqual([]);
    inject({ status: 401 });
    expect(jsonOf(await createFile()).error.code).toBe("invalid_api_key");
  });

  test("body answers as it is", async () => {
    inject({ status: 502, body: "<html>Bad gateway</html>" });
    const page = await createFile();
    expect(page.text).toMatch(/502[\s\S]*content-type: text\/html[\s\S]*<html>Bad gateway<\/html>$/);
    inject({ body: { object: "surprise" } });
    const surprise = await createFile();
    expect([statusOf(surprise), jsonOf(surprise)]).toEqual([200, { object: "surprise" }]);
  });

  test("softError fails inside a 200", async () => {
    inject({ softError: 500 });
    const reply = await createFile();
    expect([statusOf(reply), jsonOf(reply).error.message]).toEqual([200, "An injected fault"]);
  });

  test("retryAfter is a 429 with both headers", async () => {
    inject({ retryAfter: 1500 });
    const reply = await createFile();
    expect(statusOf(reply)).toBe(429);
    expect(reply.text).toMatch(/retry-after-ms: 1500\r\n/);
    expect(reply.text).toMatch(/retry-after: 2\r\n/);
    expect(jsonOf(reply).error.type).toBe("rate_limit_error");
  });
});

describe("on the way in", () => {
  test("resetAfterBytes resets in the middle of the body, and nothing is kept", async () => {
    inject({ resetAfterBytes: 5000 });
    expect(await createFile()).toMatchObject({ ended: "reset", text: "" });
    expect(emulator.files.list()).toEqual([]);
    await expect.poll(() => emulator.requests[0]?.outcome, { timeout: 10_000 }).toBe("reset");
  });

  test("stallAfterBytes stays silent", async () => {
    inject({ stallAfterBytes: 5000 });
    const stalled = createFile(3_000);
    await expect.poll(() => readdirSync(storage, { recursive: true }).length, { timeout: 10_000 }).toBe(2);
    expect(await stalled).toMatchObject({ ended: "silence", text: "" });
    await expect.poll(() => emulator.requests[0]?.outcome, { timeout: 10_000 }).toBe("aborted");
    expect(emulator.files.list()).toEqual([]);
    // The half that had arrived is let go of, although nobody reads the connection any more.
    await expect.poll(() => readdirSync(join(storage, "openai")), { timeout: 10_000 }).toEqual([]);
  });

  test("slowTo takes the time that it says", async () => {
    inject({ slowTo: 100_000 });
    const reply = await createFile();
    expect(statusOf(reply)).toBe(200);
    // 20,000 bytes at 100,000 a second; less a little, for timers that fire early.
    expect(reply.milliseconds).toBeGreaterThan(190);
    expect(emulator.files.list()[0]?.size).toBe(20_000);
  });
});

describe("after the work", () => {
  test("resetAfterWork loses the reply", async () => {
    inject({ resetAfterWork: true });
    expect(await createFile()).toMatchObject({ ended: "reset", text: "" });
    expect(emulator.files.list()).toHaveLength(1);
    expect(emulator.requests[0]).toMatchObject({
      outcome: "reset",
      status: undefined,
      fault: { resetAfterWork: true },
    });
  });

  test("truncateReply promises more than it sends", async () => {
    inject({ truncateReply: 10 });
    const reply = await createFile();
    expect(reply.ended).toBe("closed");
    expect(reply.text.split("\r\n\r\n")[1]).toHaveLength(10);
    inject({ truncateReply: true });
    expect((await createFile()).ended).toBe("closed");
    inject({ truncateReply: 0 });
    expect((await createFile()).text).toMatch(/content-length: [1-9]\d*\r\n[\s\S]*\r\n\r\n$/);
    expect(emulator.files.list()).toHaveLength(3);
  });

  test("malformedReply breaks the JSON off, or sends what it is given", async () => {
    inject({ malformedReply: true });
    const broken = await createFile();
    expect([broken.ended, statusOf(broken)]).toEqual(["reply", 200]);
    expect(() => jsonOf(broken)).toThrow(SyntaxError);
    inject({ malformedReply: "<p>proxy</p>" });
    expect((await createFile()).text).toMatch(/200 OK[\s\S]*text\/html[\s\S]*<p>proxy<\/p>$/);
    expect(emulator.files.list()).toHaveLength(2);
  });

  test("delay holds the reply back", async () => {
    inject({ delay: 200 });
    const reply = await createFile();
    expect([reply.ended, statusOf(reply)]).toEqual(["reply", 200]);
    expect(reply.milliseconds).toBeGreaterThan(190);
  });
});

describe("on the way out, where the request has no body", () => {
  async function storedPath(): Promise<string> {
    emulator.faults.clear();
    return `/files/${jsonOf(await createFile()).id}/content`;
  }

  test("resetAfterBytes resets in the middle of the reply", async () => {
    const path = await storedPath();
    inject({ resetAfterBytes: 5000 });
    const reply = await wire("GET", path);
    expect(reply.ended).toBe("reset");
    expect(reply.text.length).toBeLessThan(10_000);
  });

  test("stallAfterBytes stops in the middle of the reply", async () => {
    const path = await storedPath();
    inject({ stallAfterBytes: 5000 });
    const reply = await wire("GET", path, "", 300);
    expect(reply.ended).toBe("silence");
    expect(reply.text.split("\r\n\r\n")[1]).toHaveLength(5000);
  });

  test("slowTo slows the reply", async () => {
    const path = await storedPath();
    inject({ slowTo: 100_000 });
    const reply = await wire("GET", path);
    expect(reply.text.split("\r\n\r\n")[1]).toBe("x".repeat(20_000));
    expect(reply.milliseconds).toBeGreaterThan(190);
  });
});

describe("matching", () => {
  const list = () => wire("GET", "/files");
  const statuses = async (count: number) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index++) seen.push(statusOf(await list()));
    return seen;
  };

  test("nth counts the requests that match", async () => {
    inject({ status: 500 }, { route: "files.list", nth: [2, 4] });
    await wire("GET", "/files/file-x");
    expect(await statuses(5)).toEqual([200, 500, 200, 500, 200]);
    expect(emulator.faults.list()).toEqual([
      { match: { route: "files.list", nth: [2, 4] }, do: { status: 500 }, seen: 5, hits: 2 },
    ]);
  });

  test("the first rule that matches is applied", async () => {
    emulator.faults.set([
      { match: { provider: "kie" }, do: { status: 500 } },
      { match: { method: "POST" }, do: { status: 501 } },
      { match: { route: "files.*", nth: 1 }, do: { status: 502 } },
      { match: { route: "/files", method: "get" }, do: { status: 503 } },
      { do: { status: 504 } },
    ]);
    expect(await statuses(2)).toEqual([502, 503]);
    expect(statusOf(await wire("GET", "/files/file-x"))).toBe(504);
    emulator.faults.clear();
    expect(await statuses(1)).toEqual([200]);
  });

  test("rate draws alike for the same seed, whatever happens on other routes", async () => {
    const faults = [{ match: { rate: 0.5 }, do: { status: 500 } }];
    const run = async (seed: number, between: () => Promise<unknown>) => {
      await using seeded = await startEmulator({ seed, faults });
      await emulator.close();
      emulator = seeded;
      const seen: number[] = [];
      for (let index = 0; index < 20; index++) {
        seen.push(statusOf(await list()));
        await between();
      }
      return seen;
    };
    const first = await run(7, async () => {});
    expect(await run(7, () => wire("GET", "/files/file-x"))).toEqual(first);
    expect(await run(8, async () => {})).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500]));
  });

  test("rules with a mistake are refused by name", () => {
    const refusal = (rule: unknown) => {
      try {
        emulator.faults.set([rule as FaultRule]);
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    };
    expect(refusal({ match: { rate: 2 }, do: { status: 500 } })).toBe(
      'Cannot set faults: "rules[0].match.rate" must be a number from 0 to 1, received 2',
    );
    expect(refusal({ match: { route: "files.lst" }, do: { status: 500 } })).toMatch(/route.*received "files.lst"/);
    expect(refusal({ match: { paths: "x" }, do: { status: 500 } })).toMatch(/rules\[0\]\.match.*received "paths"/);
    expect(refusal({ match: {}, do: {} })).toMatch(/at least one action/);
    expect(refusal({ match: {} })).toMatch(/rules\[0\]\.do/);
    expect(refusal({ do: { resetAfterBytes: -1 } })).toMatch(/non-negative integer, received -1/);
    expect(refusal({ do: { status: 99 } })).toMatch(/200 to 599/);
    expect(() => startEmulator({ faults: [{ do: { status: 99 } }] })).toThrow(TypeError);
  });

  test("what a caller does to its rules afterwards, or to the list, changes nothing", () => {
    const rule: FaultRule = { match: { nth: 1 }, do: { status: 500 } };
    emulator.faults.set([rule]);
    rule.do.status = 200;
    for (const listed of emulator.faults.list()) listed.do.status = 201;
    expect(emulator.faults.list()[0]?.do.status).toBe(500);
  });
});

test("any mixture of faults leaves the emulator answering, and no file half there", async () => {
  const action = fc.record(
    {
      status: fc.constantFrom(200, 400, 500),
      resetAfterBytes: fc.nat(25_000),
      resetAfterWork: fc.boolean(),
      truncateReply: fc.oneof(fc.boolean(), fc.nat(400)),
      malformedReply: fc.boolean(),
      retryAfter: fc.nat(10),
    },
    { requiredKeys: ["resetAfterWork"] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 4 }), async (actions) => {
      emulator.faults.set(actions.map((each, index) => ({ match: { nth: index + 1 }, do: each })));
      for (const _ of actions) await createFile();
      emulator.faults.clear();
      expect(statusOf(await createFile())).toBe(200);
      expect(new Set(emulator.files.list().map(({ size }) => size))).toEqual(new Set([20_000]));
    }),
    { numRuns: 40 },
  );
});

test("close ends a stalled request", async () => {
  inject({ stallAfterBytes: 0 });
  const stalled = createFile();
  await expect.poll(() => emulator.requests.length, { timeout: 10_000 }).toBe(1);
  await emulator.close();
  expect(["closed", "reset"]).toContain((await stalled).ended);
  await expect.poll(() => emulator.requests[0]?.outcome, { timeout: 10_000 }).toBe("aborted");
  const refused = connect(Number(new URL(emulator.url).port), "127.0.0.1");
  await once(refused, "error");
});
