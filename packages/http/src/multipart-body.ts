import type { ByteSource } from "@sluice/source";
import { type Body, bodyOf } from "./body.ts";
import { describe } from "./describe.ts";
import { isSource } from "./is-source.ts";
import { safeMediaType } from "./media-type.ts";
import type { Segment } from "./segment.ts";

/** A file of a form, under another name or type than its source says. */
export interface FormFile {
  source: ByteSource;
  /** @default the source's, else "blob", as browsers say */
  name?: string | undefined;
  /** @default the source's, else "application/octet-stream" */
  type?: string | undefined;
}

/** What one field of a form holds. A string is a text, never a path. */
export type FormValue = string | number | boolean | ByteSource | FormFile;

/** The fields of a form: a record, or entries where one name comes twice. Those that are undefined are left out. */
export type FormFields =
  | Readonly<Record<string, FormValue | readonly FormValue[] | undefined>>
  | Iterable<readonly [name: string, value: FormValue | readonly FormValue[] | undefined]>;

const encoder = new TextEncoder();

/**
 * A body of `multipart/form-data`, of exactly known length where its sources are.
 *
 * Text fields go before files, whatever the order given: some servers need them there. Names of fields and files are
 * escaped as browsers do (`"` is `%22`, CR and LF are `%0D` and `%0A`); the texts themselves are sent as they are.
 *
 * @throws {TypeError} when a value is of none of these kinds.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { multipartBody } from "@sluice/http";
 * import { bytesSource } from "@sluice/source";
 *
 * const data = bytesSource(new TextEncoder().encode("a,b"), { name: "table.csv" });
 * const body = multipartBody({ data, purpose: "batch" });
 * const form = await new Response(body.stream(), { headers: { "content-type": String(body.type) } }).formData();
 * assert.deepEqual([...form.keys()], ["purpose", "data"]);
 * assert.equal((form.get("data") as File).name, "table.csv");
 * ```
 */
export function multipartBody(fields: FormFields): Body {
  if (fields === null || typeof fields !== "object") {
    throw new TypeError(`Cannot make a form: "fields" must be a record or entries, received ${describe(fields)}`);
  }
  // 128 random bits, which no content can hold on purpose.
  const boundary = `sluice-${crypto.randomUUID()}`;
  const texts: string[] = [];
  const files: { head: string; source: ByteSource }[] = [];
  for (const [name, values] of entriesOf(fields)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (value === undefined) continue;
      const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"`;
      const file = fileOf(value);
      if (file) {
        const { source, name: fileName = source.name ?? "blob", type = source.type } = file;
        const head = `${disposition}; filename="${escapeName(fileName)}"\r\nContent-Type: ${safeMediaType(type)}\r\n\r\n`;
        files.push({ head, source });
      } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
        texts.push(`${disposition}\r\n\r\n${value}\r\n`);
      } else {
        throw new TypeError(
          `Cannot make a form: the value of ${JSON.stringify(name)} must be a text, a number, a boolean, a ByteSource or { source }, received ${describe(value)}`,
        );
      }
    }
  }

  const segments: Segment[] = [];
  let pending = texts.join("");
  for (const { head, source } of files) {
    segments.push(bytesSegment(pending + head), { kind: "source", source });
    pending = "\r\n";
  }
  segments.push(bytesSegment(`${pending}--${boundary}--\r\n`));
  return bodyOf(segments, `multipart/form-data; boundary=${boundary}`);
}

function entriesOf(fields: FormFields): Iterable<readonly [string, FormValue | readonly FormValue[] | undefined]> {
  return Symbol.iterator in fields
    ? (fields as Iterable<readonly [string, FormValue]>)
    : Object.entries(fields as Readonly<Record<string, FormValue>>);
}

function fileOf(value: unknown): FormFile | undefined {
  if (isSource(value)) return { source: value };
  const { source } = Object(value) as Partial<FormFile>;
  return isSource(source) ? (value as FormFile) : undefined;
}

function bytesSegment(text: string): Segment {
  return { kind: "bytes", bytes: encoder.encode(text) as Uint8Array<ArrayBuffer> };
}

function escapeName(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
