import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type Emulator, startEmulator } from "../index.ts";

const MEBIBYTE = new Uint8Array(1024 * 1024);

/** Sends a form with one file of `size` bytes, without holding it, and gives the reply. */
async function sendFile(
  emulator: Emulator,
  path: string,
  field: string,
  size: number,
): Promise<{ status: number; text: string }> {
  const { port, pathname } = new URL(emulator.urls.openai + path);
  const purpose = '--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n';
  const head = `${purpose}--b\r\nContent-Disposition: form-data; name="${field}"; filename="a"\r\n\r\n`;
  const tail = "\r\n--b--\r\n";
  const socket = connect(Number(port), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nHost: emulator\r\nConnection: close\r\nAuthorization: Bearer k\r\n` +
      `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${head.length + size + tail.length}\r\n\r\n${head}`,
  );
  for (let left = size; left > 0; left -= MEBIBYTE.length) {
    if (!socket.write(MEBIBYTE.subarray(0, left))) await once(socket, "drain");
  }
  socket.write(tail);
  await once(socket, "close");
  return { status: Number(text.split(" ")[1]), text };
}

test("a part holds 64 MiB, and not a byte more", { timeout: 60_000 }, async () => {
  await using emulator = await startEmulator({ digests: false });
  const reply = await fetch(`${emulator.urls.openai}/uploads`, {
    method: "POST",
    headers: { authorization: "Bearer k", "content-type": "application/json" },
    body: JSON.stringify({ filename: "a", purpose: "batch", bytes: 1, mime_type: "text/plain" }),
  });
  const { id } = (await reply.json()) as { id: string };
  expect((await sendFile(emulator, `/uploads/${id}/parts`, "data", 64 * 1024 ** 2)).status).toBe(200);
  const { status, text } = await sendFile(emulator, `/uploads/${id}/parts`, "data", 64 * 1024 ** 2 + 1);
  expect(status).toBe(400);
  expect(text).toMatch(/too large.*"param":"data"/);
});

test("a file sent at once holds 512 MiB, and not a byte more", { timeout: 120_000 }, async () => {
  await using emulator = await startEmulator({ digests: false });
  expect((await sendFile(emulator, "/files", "file", 512 * 1024 ** 2)).status).toBe(200);
  const { status, text } = await sendFile(emulator, "/files", "file", 512 * 1024 ** 2 + 1);
  expect(status).toBe(413);
  expect(text).toMatch(/too large.*"param":"file"/);
});
