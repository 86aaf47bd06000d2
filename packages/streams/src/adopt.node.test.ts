import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { adopt, collectBytes } from "./index.ts";

test("adopt reads a Node Readable to its end", async () => {
  const bytes = await collectBytes(adopt(createReadStream(import.meta.filename)));
  expect(Buffer.from(bytes).toString()).toContain("adopt reads a Node Readable to its end");
});

test("adopt passes on an error that comes before the first read, and does not end the process", async () => {
  const reader = adopt(createReadStream("/no/such/file")).getReader();
  await expect(reader.closed).rejects.toMatchObject({ code: "ENOENT" });
});

test("adopt destroys a Node Readable that is cancelled, even while a read is pending", async () => {
  const silent = new Readable({ read() {} });
  const reader = adopt(silent).getReader();
  reader.read();
  await reader.cancel(new Error("enough"));
  expect(silent.destroyed).toBe(true);
});
