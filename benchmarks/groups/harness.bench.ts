import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { pipeline } from "node:stream/promises";
import { type Contender, defineCase, type Group, type RunContext } from "../harness/case.ts";
import { GiB, KiB, MiB } from "../harness/size.ts";

async function readFile({ file }: RunContext, each?: (chunk: Buffer) => void): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * KiB })) {
    bytes += chunk.length;
    each?.(chunk);
  }
  return bytes;
}

const copy = (name: string): Contender<Uint8Array> => ({
  name,
  run({ bytes, fixture }) {
    const target = new Uint8Array(fixture.length);
    let copied = 0;
    for (; copied < bytes; copied += fixture.length) target.set(fixture);
    return { bytes: copied };
  },
});

const read = (name: string): Contender => ({ name, run: async (context) => ({ bytes: await readFile(context) }) });

const noise = "A against A: noise alone";

/** What the harness says about itself: its noise, and that it sees what is known to differ. */
export const group: Group = {
  description: "the harness itself: its noise (A against A), and differences that are known",
  cases: [
    defineCase({
      name: "calibration: copy 64 KiB",
      mode: "in-process",
      bytes: 16 * GiB,
      note: noise,
      setup: () => new Uint8Array(64 * KiB).fill(1),
      subject: copy("copy A"),
      peer: copy("copy B"),
    }),
    {
      name: "calibration: read a file",
      mode: "process",
      bytes: GiB,
      file: true,
      note: noise,
      subject: read("read A"),
      peer: read("read B"),
    },
    {
      name: "read a file, hashed",
      mode: "process",
      bytes: GiB,
      file: true,
      subject: {
        name: "read + sha256",
        async run(context) {
          const hash = createHash("sha256");
          const bytes = await readFile(context, (chunk) => hash.update(chunk));
          return { bytes, digest: hash.digest("hex") };
        },
      },
      peer: read("read"),
    },
    {
      name: "upload a file",
      mode: "process",
      bytes: 2 * GiB,
      file: true,
      server: true,
      subject: {
        name: "node:http",
        async run({ bytes, file, server }) {
          const put = request(`${server}/file`, { method: "PUT", headers: { "content-length": bytes } });
          const replied = new Promise<string>((resolve, reject) => {
            put.on("error", reject).on("response", (reply) => reply.setEncoding("utf8").once("data", resolve));
          });
          await pipeline(createReadStream(file, { highWaterMark: MiB }), put);
          return JSON.parse(await replied);
        },
      },
      peer: {
        name: "node:net",
        async run({ bytes, file, server }) {
          const socket = connect(Number(new URL(server).port), "127.0.0.1");
          const replied = new Promise<string>((resolve) => void socket.once("data", (reply) => resolve(String(reply))));
          socket.write(`PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`);
          await pipeline(createReadStream(file, { highWaterMark: MiB }), socket, { end: false });
          const reply = await replied;
          socket.destroy();
          return JSON.parse(reply.slice(reply.indexOf("{")));
        },
      },
    },
  ],
};
