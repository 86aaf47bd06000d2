import { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { bytesSource } from "@sluice/source";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type FormValue, multipartBody } from "./multipart-body.ts";

test("multipartBody is what busboy reads, however it is cut", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.stringMatching(/^[\w .-]{1,12}$/), fc.string({ unit: "grapheme", maxLength: 40 })), {
        maxLength: 4,
      }),
      fc.array(fc.tuple(fc.stringMatching(/^\w{1,8}$/), fc.uint8Array({ maxLength: 200 })), { maxLength: 3 }),
      fc.integer({ min: 1, max: 64 }),
      async (fields, files, cut) => {
        const entries: (readonly [string, FormValue])[] = [
          ...fields,
          ...files.map(([name, bytes]) => [name, bytesSource(bytes, { name: `${name}.bin` })] as const),
        ];
        const body = multipartBody(entries);
        const whole = await new Response(body.stream()).bytes();
        const read: unknown[] = [];
        const parser = new Busboy({ headers: { "content-type": String(body.type) } });
        const contents: Promise<void>[] = [];
        parser.on("field", (name, value) => read.push([name, value]));
        parser.on("file", (name, stream, fileName) => {
          contents.push(
            Readable.prototype.toArray.call(stream).then((chunks) => {
              read.push([name, fileName, [...Buffer.concat(chunks)]]);
            }),
          );
        });
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < whole.byteLength; at += cut) pieces.push(whole.subarray(at, at + cut));
        await new Promise((resolve, reject) => {
          Readable.from(pieces).pipe(parser).on("finish", resolve).on("error", reject);
        });
        await Promise.all(contents);
        expect(read).toEqual([...fields, ...files.map(([name, bytes]) => [name, `${name}.bin`, [...bytes]])]);
      },
    ),
    { numRuns: 60 },
  ));
