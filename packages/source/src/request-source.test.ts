import { expect, test } from "vitest";
import { readAll } from "./read-all.test.support.ts";
import { requestSource } from "./request-source.ts";

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/upload", { method: "POST", body, headers });
}

test("requestSource takes length, type and name from the headers", async () => {
  const source = requestSource(
    post("abc", {
      "content-length": "3",
      "content-type": "audio/mpeg",
      "content-disposition": "attachment; filename=\"plain.mp3\"; filename*=UTF-8''%E2%82%AC%20rates.mp3",
    }),
  );
  expect(source).toMatchObject({ size: 3, type: "audio/mpeg", name: "€ rates.mp3", replayable: false });
  expect(await new Response(source.stream()).text()).toBe("abc");
});

test("requestSource errors when the body is not as long as announced", async () => {
  const source = requestSource(post("abc", { "content-length": "4" }));
  await expect(readAll(source.stream())).rejects.toMatchObject({ code: "size-mismatch", received: 3 });
});

test.each(["", "abc", "-1", "1e3", "99999999999999999999"])("requestSource believes no length of %j", (length) => {
  expect(requestSource(post("abc", { "content-length": length })).size).toBeUndefined();
});

test("requestSource of a request without a body has 0 bytes", async () => {
  const source = requestSource(new Request("http://localhost/"));
  expect(source.size).toBe(0);
  expect(await new Response(source.stream()).text()).toBe("");
});

test("requestSource refuses what is no request, and one that was read", async () => {
  const used = post("abc");
  await used.text();
  expect(() => requestSource(used)).toThrow("its body has been read");
  expect(() => requestSource("talk.mp4" as unknown as Request)).toThrow(TypeError);
  expect(() => requestSource("talk.mp4" as unknown as Request)).toThrow('"request" must be a Request');
});
