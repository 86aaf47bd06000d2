import { describe, expect, test } from "vitest";
import type { OutputSource } from "./output-source.ts";
import { outputsOf } from "./outputs.ts";

/** Outputs of an API at a plain address, and who was asked for them, with which key. */
function setUp() {
  const asked: (readonly [url: string, key: string | null])[] = [];
  const fetch = async (url: unknown, init?: RequestInit) => {
    asked.push([String(url), new Headers(init?.headers).get("authorization")]);
    return new Response("weir", { headers: { "content-type": "text/plain" } });
  };
  const settings = {
    baseUrl: new URL("http://127.0.0.1:4010/v1"),
    authorization: async () => "Bearer r8_key",
    fetch: fetch as typeof globalThis.fetch,
  };
  return { asked, outputsOf: (output: unknown) => outputsOf(output, settings) };
}

describe("outputsOf", () => {
  test("makes sources of https: URLs, of URLs at the API, and of data URIs, at any depth", async () => {
    const { outputsOf: of } = setUp();
    const output = of({
      video: "https://files.example/a/clip.mp4?x=1",
      frames: ["http://127.0.0.1:4010/v1/outputs/0.png", ["data:text/plain;base64,d2Vpcg=="]],
    }) as { video: OutputSource; frames: [OutputSource, [OutputSource]] };
    expect(output.video).toMatchObject({
      url: "https://files.example/a/clip.mp4?x=1",
      name: "clip.mp4",
      replayable: false,
    });
    expect(output.frames[0].name).toBe("0.png");
    expect(output.frames[1][0]).toMatchObject({ size: 4, type: "text/plain", replayable: true });
  });

  test.each([
    "http://files.example/a",
    "http://127.0.0.1:4011/a",
    "see https://files.example/a",
    "https://files.example/a and more",
    "https:",
    "data:text/plain,hello",
    "data:;base64,!!",
    "/etc/passwd",
    "file:///etc/passwd",
    "",
  ])("leaves %j a text", (text) => expect(setUp().outputsOf([text])).toEqual([text]));

  test.each([null, 1, true, { a: [] }, []])("leaves %j as it is", (value) => {
    expect(setUp().outputsOf(value)).toEqual(value);
  });

  test("asks for nothing before it is read, once, and shows the key to the API alone", async () => {
    const { asked, outputsOf: of } = setUp();
    const outputs = of(["https://files.example/a", "http://127.0.0.1:4010/v1/b"]) as OutputSource[];
    expect(asked).toEqual([]);
    for (const output of outputs) expect(await new Response(output.stream()).text()).toBe("weir");
    expect(asked).toEqual([
      ["https://files.example/a", null],
      ["http://127.0.0.1:4010/v1/b", "Bearer r8_key"],
    ]);
    expect(() => outputs[0]?.stream()).toThrow(/open\(\)/);
  });

  test("can be closed before it is read, and while it is", async () => {
    const [first, second] = setUp().outputsOf(["https://a.example/a", "https://a.example/b"]) as [
      OutputSource,
      OutputSource,
    ];
    await first.close();
    expect(() => first.stream()).toThrow(/closed/);
    const reader = second.stream().getReader();
    await second.close();
    await expect(reader.read()).rejects.toThrow();
  });
});
