import { createReadStream } from "node:fs";
import { bytesBody, createClient, type HttpClient } from "@sluice/http";
import { file } from "@sluice/source/node";
import { type PartTarget, upload } from "@sluice/uploader";
import type { Contender } from "../../harness/case.ts";
import { formatSize } from "../../harness/size.ts";
import { CONNECTIONS, PART } from "./in-parts.ts";

const KEY = "/bucket/stamped";

/** S3's multipart upload as a target, unsigned. `checked` sends the CRC32 of each part, as the AWS SDK does unasked. */
function s3Target(client: HttpClient, checked: boolean): PartTarget<string, string, number> {
  return {
    name: "s3",
    limits: { minPartSize: 5 * 1024 * 1024, preferredPartSize: PART, maxParts: 10_000 },
    repeat: "harmless",
    ...(checked && { digests: { part: ["crc32"] } }),
    async create(_file, { signal }) {
      const reply = await client.request("POST", KEY, { query: { uploads: "" }, idempotent: true, signal });
      return /<UploadId>(.+)<\/UploadId>/.exec(new TextDecoder().decode(await reply.bytes()))?.[1] ?? "";
    },
    async put(uploadId, { index, body, digests }, { signal, sent }) {
      const reply = await client.request("PUT", KEY, {
        query: { partNumber: String(index + 1), uploadId },
        body: bytesBody(body),
        headers: checksumHeader(digests["crc32"]),
        idempotent: true,
        retry: false,
        signal,
        onSent: sent,
      });
      await reply.bytes();
      return reply.headers.get("etag") ?? "";
    },
    async complete(uploadId, etags, { size }, { signal }) {
      const parts = etags.map(
        (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
      );
      const body = bytesBody(
        new TextEncoder().encode(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`),
      );
      await (await client.request("POST", KEY, { query: { uploadId }, body, idempotent: true, signal })).bytes();
      return size;
    },
    cancel: async () => {},
  };
}

/** @param hex Lower case, as the uploader has it; S3 wants base64. */
function checksumHeader(hex: string | undefined): Record<string, string> {
  return hex === undefined ? {} : { "x-amz-checksum-crc32": Buffer.from(hex, "hex").toString("base64") };
}

/** A file in parts of 64 MiB over four connections. */
export const toS3 = (checked: boolean): Contender => ({
  name: checked ? "upload(file), crc32 of each part" : "upload(file)",
  async run({ file: path, server }) {
    await using source = file(path);
    await using client = createClient({ baseUrl: server });
    return { bytes: await upload(source, s3Target(client, checked), { concurrency: CONNECTIONS }) };
  },
});

/** Loaded where it is used: it is not to weigh on the memory of the others. */
const sdk = () => Promise.all([import("@aws-sdk/client-s3"), import("@aws-sdk/lib-storage")]);

/**
 * The same by the AWS SDK, as its documentation has it, a file's stream as the body. Over plain HTTP it would hash each
 * part for the signature, too; over TLS it does not, and nor does it here.
 */
export const libStorage = (checked: boolean, partSize?: number): Contender => ({
  name: `lib-storage, ${partSize ? formatSize(partSize) : "its own"} parts${checked ? "" : ", no checksums"}`,
  prepare: sdk,
  async run({ file: path, server, bytes }) {
    const [{ S3Client }, { Upload }] = await sdk();
    const client = new S3Client({
      endpoint: server,
      forcePathStyle: true,
      region: "us-east-1",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
      ...(!checked && { requestChecksumCalculation: "WHEN_REQUIRED" as const }),
    });
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        return next(args);
      },
      { step: "build" },
    );
    try {
      await new Upload({
        client,
        params: { Bucket: "bucket", Key: "stamped", Body: createReadStream(path) },
        queueSize: CONNECTIONS,
        ...(partSize && { partSize }),
      }).done();
    } finally {
      client.destroy();
    }
    return { bytes };
  },
});
