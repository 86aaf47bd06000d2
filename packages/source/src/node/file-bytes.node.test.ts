import { open } from "node:fs/promises";
import { expect, test } from "vitest";
import { fileReader } from "./_file-bytes.ts";
import { fingerprintOf } from "./_look.ts";

/** A reader of a file whose `stat` says 0 bytes, as of a regular one of that size. */
async function readerOfLiar() {
  const path = "/proc/version";
  const handle = await open(path);
  const stat = () => handle.stat({ bigint: true });
  const fingerprint = fingerprintOf(await stat());
  return { handle, path, fingerprint, stat, fd: () => handle.fd, close: () => {} };
}

test("fileReader notices a file that is longer than the size that it goes on stating", async () => {
  const { handle, ...liar } = await readerOfLiar();
  await expect(fileReader({ ...liar, size: 0 }).verify?.(0)).rejects.toMatchObject({
    code: "source-changed",
    received: "it has more than 0 bytes",
  });
  await handle.close();
});

test("fileReader notices a file that is shorter than the size that it goes on stating", async () => {
  const { handle, ...liar } = await readerOfLiar();
  await expect(fileReader({ ...liar, size: 1_000_000 }).read(new Uint8Array(9), 999_990)).rejects.toMatchObject({
    code: "source-changed",
    received: "it ended after 999990 of 1000000 bytes",
  });
  await handle.close();
});
