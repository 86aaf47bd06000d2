import type { Exchange } from "./exchange.ts";
import { RequestRefused } from "./request-refused.ts";

/** The largest JSON body; 10,000 part ids are a third of it. */
const LIMIT = 1024 * 1024;

/**
 * Reads a request's body as a JSON object.
 *
 * @throws {RequestRefused} when it is too large, of another type, not JSON, or not an object
 */
export async function readJsonObject({ body, request }: Exchange): Promise<Record<string, unknown>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
    throw new RequestRefused(400, `Invalid Content-Type header (${type}), expected application/json`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  await body.takeAll((chunk) => {
    size += chunk.length;
    if (size > LIMIT) throw new RequestRefused(413, `The request's body is over ${LIMIT} bytes`);
    chunks.push(chunk);
    return false;
  });
  const value = parse(Buffer.concat(chunks).toString());
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RequestRefused(400, "Could not parse the body of the request: expected a JSON object");
  }
  return value as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestRefused(400, "Could not parse the body of the request: it is not valid JSON");
  }
}
