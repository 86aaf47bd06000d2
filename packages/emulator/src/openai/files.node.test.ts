import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../index.ts";

const headers = { authorization: "Bearer key" };

async function create(emulator: Emulator, fields: Record<string, string | Blob>, name = "a.txt") {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.set(field, value, name);
    else form.set(field, value);
  }
  const reply = await fetch(`${emulator.urls.openai}/files`, { method: "POST", body: form, headers });
  return { status: reply.status, json: await reply.json() };
}

async function get(emulator: Emulator, path: string) {
  const reply = await fetch(emulator.urls.openai + path, { headers });
  return { status: reply.status, json: await reply.json() };
}

const blob = new Blob(["hello"]);

describe("create", () => {
  test("takes the text fields on either side of the file", async () => {
    await using emulator = await startEmulator();
    expect((await create(emulator, { purpose: "vision", file: blob })).json.purpose).toBe("vision");
    const after = await create(emulator, {
      file: blob,
      purpose: "user_data",
      "expires_after[anchor]": "created_at",
      "expires_after[seconds]": "3600",
    });
    expect(after.json).toMatchObject({ purpose: "user_data", expires_at: after.json.created_at + 3600 });
  });

  test("gives files for batches 30 days", async () => {
    await using emulator = await startEmulator();
    const { json } = await create(emulator, { file: blob, purpose: "batch" });
    expect(json.expires_at - json.created_at).toBe(30 * 86_400);
  });

  test("refuses a form without its fields, and keeps nothing of it", async () => {
    const storage = mkdtempSync(join(tmpdir(), "emulator-test-"));
    await using emulator = await startEmulator({ storage });
    const param = async (fields: Record<string, string | Blob>) => {
      const { status, json } = await create(emulator, fields);
      expect(status).toBe(400);
      return json.error.param;
    };
    expect(await param({ purpose: "batch" })).toBe("file");
    expect(await param({ file: "text", purpose: "batch" })).toBe("file");
    expect(await param({ file: blob })).toBe("purpose");
    expect(await param({ file: blob, purpose: "x" })).toBe("purpose");
    expect(await param({ file: blob, purpose: "batch", "expires_after[seconds]": "3600" })).toBe(
      "expires_after[anchor]",
    );
    expect(
      await param({
        file: blob,
        purpose: "batch",
        "expires_after[anchor]": "created_at",
        "expires_after[seconds]": "x",
      }),
    ).toBe("expires_after[seconds]");
    expect(readdirSync(join(storage, "openai"))).toEqual([]);
    rmSync(storage, { recursive: true });
  });
});

describe("list", () => {
  test("pages, orders and filters", async () => {
    await using emulator = await startEmulator();
    const ids: string[] = [];
    for (const purpose of ["batch", "vision", "batch"])
      ids.push((await create(emulator, { file: blob, purpose })).json.id);
    const list = async (query: string) => (await get(emulator, `/files${query}`)).json;
    const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
    expect(idsOf(await list(""))).toEqual(ids.toReversed());
    expect(idsOf(await list("?order=asc"))).toEqual(ids);
    expect(idsOf(await list("?purpose=batch"))).toEqual([ids[2], ids[0]]);
    const page = await list("?limit=2&order=asc");
    expect(page).toMatchObject({ object: "list", has_more: true, first_id: ids[0], last_id: ids[1] });
    expect(await list(`?limit=2&order=asc&after=${ids[1]}`)).toMatchObject({ has_more: false, first_id: ids[2] });
    expect(await list(`?after=${ids[0]}`)).toEqual({
      object: "list",
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });

  test.each(["limit=0", "limit=10001", "limit=x", "order=up", "after=file-x"])("refuses ?%s", async (query) => {
    await using emulator = await startEmulator();
    const { status, json } = await get(emulator, `/files?${query}`);
    expect([status, json.error.param]).toEqual([400, query.split("=")[0]]);
  });
});

describe("content", () => {
  test("is a 404 that names the option where bytes are not kept", async () => {
    await using emulator = await startEmulator();
    const { json } = await create(emulator, { file: blob, purpose: "batch" });
    const { status, json: reply } = await get(emulator, `/files/${json.id}/content`);
    expect([status, reply.error.param]).toEqual([404, "id"]);
    expect(reply.error.message).toContain("`storage`");
  });

  test("is kept in the folder under the file's id, until it is deleted", async () => {
    const storage = mkdtempSync(join(tmpdir(), "emulator-test-"));
    await using emulator = await startEmulator({ storage, digests: false });
    const { json } = await create(emulator, { file: blob, purpose: "batch" });
    const stored = emulator.files.get(json.id);
    expect(stored).toMatchObject({ path: join(storage, "openai", json.id), md5: undefined });
    expect(readFileSync(stored?.path ?? "", "utf8")).toBe("hello");
    const reply = await fetch(`${emulator.urls.openai}/files/${json.id}/content`, { headers });
    expect(reply.headers.get("content-type")).toBe("application/octet-stream");
    expect(reply.headers.get("content-length")).toBe("5");
    expect(await reply.text()).toBe("hello");
    await fetch(`${emulator.urls.openai}/files/${json.id}`, { method: "DELETE", headers });
    expect(emulator.files.get(json.id)).toMatchObject({ path: undefined, deletedAt: expect.any(Date) });
    await expect.poll(() => readdirSync(join(storage, "openai")), { timeout: 10_000 }).toEqual([]);
    rmSync(storage, { recursive: true });
  });
});
