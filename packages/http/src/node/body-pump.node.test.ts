import { systemClock } from "@sluice/retry";
import { virtualClock } from "@sluice/retry/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { firstWrong, patternSource } from "../../test-support/pattern.ts";
import { protocols, sendTwice } from "../../test-support/pump-run.ts";
import { serve, trustTestCertificate } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import { multipartBody } from "../multipart-body.ts";
import type { Segment } from "../segment.ts";
import { SegmentReader } from "../segment-reader.ts";
import { Watch } from "../watch.ts";
import { BodyPump } from "./body-pump.ts";
import { BufferPool } from "./buffer-pool.ts";
import { createClient } from "./create-client.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

beforeAll(trustTestCertificate);

describe.each(Object.keys(protocols))("over %s, to a server that reads slowly,", (protocol) => {
  test.each([1, 32, 63, 64, 512, 1024])("BodyPump sends what it read, with buffers of %i KiB", async (kibibytes) => {
    const size = (kibibytes === 1 ? 1 : 5) * MiB + 12_345;
    const right = { size, wrong: -1 };
    const body = () => bytesBody(patternSource({ size }));
    expect(await sendTwice(protocol, body, kibibytes * KiB)).toEqual([right, right]);
  });

  test.each([1, 1024])("BodyPump hands on a stream of chunks of %i KiB", async (kibibytes) => {
    const size = 2 * MiB + 4_321;
    const right = { size, wrong: -1 };
    const body = () => bytesBody(patternSource({ size, chunk: kibibytes * KiB }));
    expect(await sendTwice(protocol, body)).toEqual([right, right]);
  });
});

test("BodyPump sends the head and the tail of a form with the file, many at once", async () => {
  await using server = await serve(async (request, response) => {
    const boundary = String(request.headers["content-type"]).split("boundary=")[1];
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="data"; filename="pattern.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    const tail = `\r\n--${boundary}--\r\n`;
    const length = Number(request.headers["content-length"]);
    const form = Buffer.concat(await request.toArray());
    const edges = form.subarray(0, head.length).toString() + form.subarray(length - tail.length).toString();
    const wrong = firstWrong(form.subarray(head.length, length - tail.length), 0);
    response.end(JSON.stringify({ size: length - head.length - tail.length, wrong, edges: edges === head + tail }));
  });
  await using client = createClient({ baseUrl: server.url });
  const sizes = [0, 1, 65_535, 65_536, 524_288 - 200, 524_288, 600_000, 2 * MiB + 1];
  await Promise.all(
    sizes.map(async (size) => {
      const body = multipartBody({ data: patternSource({ size }) });
      const reply = await client.request("POST", "/", { body, idempotent: true });
      expect(await reply.json()).toEqual({ size, wrong: -1, edges: true });
    }),
  );
});

describe("BodyPump", () => {
  const timeouts = { connect: 1e9, headers: 1e9, stall: 1e9 };

  function pumpOf(size: number, pool: BufferPool | undefined, clock = systemClock) {
    const segments: Segment[] = [{ kind: "source", source: patternSource({ size }) }];
    const told: number[] = [];
    const watch = new Watch(
      clock,
      timeouts,
      () => {},
      (bytes) => told.push(bytes),
    );
    const reader = new SegmentReader(segments);
    const body = { segments, size, reader, spend() {}, fail() {} };
    return { pump: new BodyPump({ body, watch, clock, pool, onFailure() {} }), told, watch };
  }

  test("uses two buffers and gives both back at the end", async () => {
    const pool = new BufferPool();
    const memory = new Set<ArrayBuffer>();
    for (let round = 0; round < 3; round += 1) {
      const { pump, watch } = pumpOf(20 * MiB, pool);
      for await (const chunk of pump) memory.add(chunk.buffer);
      watch.end();
    }
    expect(memory.size).toBe(2);
  });

  test("gives nothing back when it is stopped, and takes fresh memory where it may not reuse any", async () => {
    const pool = new BufferPool();
    const stopped = pumpOf(20 * MiB, pool);
    const { value: chunk } = await stopped.pump.next();
    await stopped.pump.return();
    stopped.watch.end();
    expect(pool.take().buffer).not.toBe(chunk?.buffer);

    const { pump, watch } = pumpOf(4 * MiB, undefined);
    const memory = new Map<ArrayBuffer, number>();
    let position = 0;
    for await (const bytes of pump) {
      if (!memory.has(bytes.buffer)) memory.set(bytes.buffer, position);
      position += bytes.byteLength;
    }
    watch.end();
    expect(memory.size).toBe(10);
    for (const [buffer, at] of memory) expect(firstWrong(new Uint8Array(buffer), at)).toBe(-1);
  });

  test("hands out smaller pieces over a slow line, never under 64 KiB but for the last", async () => {
    const clock = virtualClock();
    const { pump, told, watch } = pumpOf(8 * MiB + 5, new BufferPool(), clock);
    const sizes: number[] = [];
    for await (const bytes of pump) {
      sizes.push(bytes.byteLength / KiB);
      // Fast at first; then a quarter of a MiB a second.
      if (sizes.length > 6) await clock.advance(bytes.byteLength / 256);
    }
    watch.end();
    expect(sizes.slice(0, 6)).toEqual([64, 128, 256, 448, 448, 448]);
    expect(sizes.slice(16, 20)).toEqual([224, 224, 224, 224]);
    expect(sizes.slice(0, -1).every((size) => size >= 64)).toBe(true);
    expect(told.reduce((sum, bytes) => sum + bytes)).toBe(8 * MiB + 5);
    expect(clock.pending).toBe(0);
  });
});
