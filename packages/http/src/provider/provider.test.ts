import { bytesSource } from "@sluice/source";
import { describe, expect, test } from "vitest";
import {
  baseUrlOf,
  checkAccepted,
  isSendable,
  jobKey,
  keyOf,
  NotAcceptedError,
  openSendable,
  SoftError,
} from "./index.ts";

const place = { provider: "Acme", option: "apiKey", variable: "SLUICE_NO_SUCH_KEY", page: "https://acme.example/keys" };

describe("keyOf", () => {
  test("gives a text as it is, and asks a function each time", async () => {
    expect(await keyOf("k-1", place)()).toBe("k-1");
    let serial = 0;
    const key = keyOf(async () => {
      serial += 1;
      return `k-${serial}`;
    }, place);
    expect([await key(), await key()]).toEqual(["k-1", "k-2"]);
  });

  test.each([
    [undefined, "received none. Set SLUICE_NO_SUCH_KEY, or get a key at https://acme.example/keys"],
    ["", "received none"],
    [7 as never, 'Cannot use Acme: "apiKey" must be a key or a function that gives one, received 7'],
  ])("refuses %o at once", (key, message) => {
    expect(() => keyOf(key, place)).toThrow(message);
  });

  test("refuses what a function gives that is no key", async () => {
    await expect(keyOf(() => "", place)()).rejects.toThrow("received a function that gave an empty string");
    await expect(keyOf(() => undefined as never, place)()).rejects.toThrow("gave undefined");
  });
});

describe("baseUrlOf", () => {
  test.each(["https://api.acme.example/v1", "http://127.0.0.1:1/x", "http://[::1]/", "http://localhost:4010/acme"])(
    "takes %s",
    (url) => {
      expect(baseUrlOf(url, { provider: "Acme", insecure: false })).toBe(url);
    },
  );

  test("takes plain HTTP to another machine only when told to", () => {
    const url = "http://user:secret@acme.example/?token=secret";
    expect(() => baseUrlOf(url, { provider: "Acme", insecure: false })).toThrow(
      'Cannot use Acme: "baseUrl" must be https:, or http: to this machine, received http: to acme.example',
    );
    expect(baseUrlOf(url, { provider: "Acme", insecure: true })).toBe(url);
  });

  test.each([["/v1"], ["key-that-was-mixed-up"], [7]])("refuses %o without showing it", (url) => {
    const refusal = () => baseUrlOf(url, { provider: "Acme", option: "uploadBaseUrl", insecure: false });
    expect(refusal).toThrow(/"uploadBaseUrl" must be an absolute https: URL, received (7|a text that is none)$/);
  });

  test("is not fooled by a host that begins like this machine", () => {
    for (const url of ["http://localhost.acme.example/", "http://127.acme.example/", "http://notlocalhost/"]) {
      expect(() => baseUrlOf(url, { provider: "Acme", insecure: false })).toThrow(RangeError);
    }
  });
});

describe("openSendable", () => {
  test("makes a source of each kind, and closes only what it opened", async () => {
    let closed = 0;
    const own = Object.assign(bytesSource(Uint8Array.of(1)), {
      close: async () => {
        closed += 1;
      },
    });
    const given = await openSendable(own, { provider: "Acme" });
    expect(given.source).toBe(own);
    await given.close();
    expect(closed).toBe(0);
    async function* once() {
      yield Uint8Array.of(1, 2);
    }
    for (const [input, size] of [
      [Uint8Array.of(1, 2), 2],
      [new Blob(["ab"]), 2],
      [new Blob(["ab"]).stream(), undefined],
      [once(), undefined],
    ] as const) {
      const { source, close } = await openSendable(input, { provider: "Acme" });
      expect(source.size).toBe(size);
      expect((await new Response(source.stream()).arrayBuffer()).byteLength).toBe(2);
      await close();
    }
  });

  test("never takes a string, nor anything else", async () => {
    await expect(openSendable("/etc/passwd" as never, { provider: "Acme" })).rejects.toThrow(
      "Cannot send a string to Acme: a path is file(path)",
    );
    for (const wrong of [undefined, null, 7, {}, [1]]) {
      expect(isSendable(wrong)).toBe(false);
      await expect(openSendable(wrong as never, { provider: "Acme" })).rejects.toThrow("Cannot send to Acme");
    }
  });
});

test("jobKey tells inputs apart wherever they stand, without credentials", () => {
  const source = { replayable: true, stream: () => new Blob().stream(), close: async () => {} };
  const file = { ...source, name: "a", size: 1, fingerprint: "v1" };
  const labelOf = (input: unknown) => JSON.parse(jobKey("acme", "model", { image: [input] }))[2].image[0];
  expect(labelOf(file)).toEqual({ name: "a", size: 1, fingerprint: "v1" });
  expect(labelOf(new URL("https://user:pass@host.example/a?signature=secret#x"))).toEqual({
    url: "https://host.example/a",
  });
  expect(labelOf(new File(["ab"], "b.png", { type: "image/png" }))).toEqual({
    name: "b.png",
    size: 2,
    type: "image/png",
  });
  expect([labelOf(new Uint8Array(3)), labelOf(new Blob(["x"]).stream())]).toEqual([{ size: 3 }, {}]);
  expect(jobKey("acme", "a text", ["x"])).toBe('["acme","a text",["x"]]');
});

describe("checkAccepted", () => {
  test.each([
    ["image/png", ["image/*"], true],
    ["IMAGE/PNG; q=1", ["image/png"], true],
    ["image/png", ["audio/*", "*/*"], true],
    ["imagex/png", ["image/*"], false],
    [undefined, ["image/*"], false],
    ["image/png", [], false],
    ["image/png", undefined, true],
  ])("%s against %o", (type, accept, taken) => {
    const check = () => checkAccepted("Acme", { name: "a", type }, { accept });
    if (taken) check();
    else expect(check).toThrow(NotAcceptedError);
  });
});

test("a SoftError tells the provider's own words", () => {
  const error = new SoftError({
    provider: "kie.ai",
    action: 'upload "a.png"',
    reason: "no",
    providerCode: 422,
    status: 200,
  });
  expect(error.message).toBe('Cannot upload "a.png": kie.ai answered "no" (code 422)');
  expect(error).toMatchObject({ code: "soft-error", retryable: false, status: 200 });
});
