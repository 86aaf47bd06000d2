/** A request whose body has been read and, unless it was a small JSON body, forgotten. */
interface ReceivedRequest {
  /** Body bytes, chunk framing not counted. */
  readonly bytes: number;
  /** The body's value, where it was JSON of at most 64 KiB. */
  readonly json: unknown;
  /** What the route's pattern captured. */
  readonly captures: readonly string[];
}

/** What the discarding server answers to one kind of request, always with 200. */
export interface Route {
  readonly method: string;
  /** Of the path without its query. */
  readonly path: RegExp;
  /** What the query must have in it. */
  readonly query?: string;
  /** An object is sent as JSON, a text as XML, with an ETag, as S3 does. */
  reply(request: ReceivedRequest): object | string;
}

const S3_OBJECT = /^\/bucket\/(.+)$/;

const uploads = new Map<string, { [field: string]: unknown }>();
let created = 0;

function openaiUpload(id: string, status: string): object {
  const { bytes = 0, filename = "file", purpose = "user_data" } = uploads.get(id) ?? {};
  const base = { bytes, created_at: 1, expires_at: 3_601, filename, purpose };
  const file = { id: `file-${id}`, object: "file", ...base, status: "processed", status_details: null };
  return { id, object: "upload", ...base, status, file: status === "completed" ? file : null };
}

function s3(element: string, fields: Record<string, string | undefined>): string {
  const inner = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?><${element}>${inner.join("")}</${element}>`;
}

/** The first route that matches answers; without one the answer is `{ bytes }`. New providers are added here. */
export const routes: readonly Route[] = [
  {
    method: "POST",
    path: /^\/v1\/uploads$/,
    reply({ json }) {
      const id = `upload_${++created}`;
      uploads.set(id, { ...(json as object) });
      return openaiUpload(id, "pending");
    },
  },
  {
    method: "POST",
    path: /^\/v1\/uploads\/([^/]+)\/parts$/,
    reply: ({ captures: [id] }) => ({ id: `part_${++created}`, object: "upload.part", created_at: 1, upload_id: id }),
  },
  {
    method: "POST",
    path: /^\/v1\/uploads\/([^/]+)\/complete$/,
    reply: ({ captures: [id = ""] }) => openaiUpload(id, "completed"),
  },
  {
    method: "POST",
    path: /^\/v1\/uploads\/([^/]+)\/cancel$/,
    reply: ({ captures: [id = ""] }) => openaiUpload(id, "cancelled"),
  },
  {
    method: "POST",
    path: S3_OBJECT,
    query: "uploads",
    reply: ({ captures: [key] }) => s3("InitiateMultipartUploadResult", { Bucket: "bucket", Key: key, UploadId: "1" }),
  },
  { method: "PUT", path: S3_OBJECT, query: "partNumber", reply: () => "" },
  {
    method: "POST",
    path: S3_OBJECT,
    query: "uploadId",
    reply: ({ captures: [key] }) => s3("CompleteMultipartUploadResult", { Bucket: "bucket", Key: key, ETag: "etag" }),
  },
];
