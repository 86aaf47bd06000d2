import { describe, expect, test } from "vitest";
import type { PartLimits } from "./index.ts";
import { MemoryTarget, type TargetScenario, testPartTarget } from "./testing.ts";

function create(limits: Partial<PartLimits>, inspects: boolean, repeat: "harmless" | "never") {
  return (scenario: TargetScenario) => {
    let first = true;
    const target = new MemoryTarget({ preferredPartSize: 65_536, ...limits }, (call) => {
      if (call === "put" && scenario === "hangs") return "hang";
      if (call === "complete" && scenario === "loses the completion's reply") return "lose the reply";
      if (call !== "put" || !first) return undefined;
      first = false;
      if (scenario === "busy") return "fail";
      return scenario === "loses a part's reply" ? "lose the reply" : undefined;
    });
    Object.assign(target, { repeat });
    if (inspects) target.inspect = (session) => target.tell(session);
    return {
      target,
      async sha256(whole: Uint8Array<ArrayBuffer>) {
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
        return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
      },
      open: () => [...target.uploads.values()].filter(({ state }) => state === "open").length,
    };
  };
}

describe.each([
  ["that tells of its uploads", {}, true, "harmless"],
  ["that does not", { maxBytes: 10_000_000 }, false, "harmless"],
  ["that must know the size", { needsSize: true }, true, "harmless"],
  ["that takes one part", { maxParts: 1, preferredPartSize: 10_000_000 }, true, "harmless"],
] as const)("a target %s", (_, limits, inspects, repeat) => {
  const laws = testPartTarget(create(limits, inspects, repeat));
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe("a target that breaks a law is found out", () => {
  const broken = (name: string, breakIt: (target: MemoryTarget) => void) => {
    const laws = testPartTarget((scenario) => {
      const under = create({}, true, "harmless")(scenario);
      breakIt(under.target);
      return under;
    });
    return laws.find((law) => law.name.includes(name))?.check();
  };

  test.each<[string, string, (target: MemoryTarget) => void]>([
    [
      "mixes parts up",
      "whatever its size",
      (target) => {
        const { complete } = target;
        target.complete = (session, receipts, whole) => complete.call(target, session, receipts.toReversed(), whole);
      },
    ],
    [
      "gives receipts that are not JSON",
      "written down",
      (target) => {
        target.put = async () => new Map() as never;
      },
    ],
    [
      "takes parts after the completion",
      "written down",
      (target) => {
        const { put } = target;
        target.put = (...given) => put.apply(target, given).catch(() => "late");
      },
    ],
    [
      "leaves uploads open",
      "leaves nothing behind",
      (target) => {
        target.cancel = async () => {};
      },
    ],
  ])("%s", async (_, law, breakIt) => {
    await expect(broken(law, breakIt)).rejects.toThrow();
  });
});
