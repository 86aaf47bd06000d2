/** The bytes of a stream. Unlike `Response`, which hides it in Chromium, it rejects with what the stream failed with. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value.slice());
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
