import { describe, expect, test } from "vitest";
import { isNear } from "./near-address.ts";

describe("isNear", () => {
  test.each([
    "127.0.0.1",
    "localhost",
    "a.localhost",
    "[::1]",
    "[::]",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.0.1",
    "192.168.1.1",
    "169.254.1.1",
    "0.0.0.0",
    "[fd00::1]",
    "[fe80::1]",
    "nas.local",
    "db.internal",
    "nas",
    "0x7f000001",
  ])("%s is known here alone", (host) => expect(isNear(new URL(`http://${host}/a`))).toBe(true));

  test.each([
    "files.example",
    "172.15.0.1",
    "172.32.0.1",
    "11.0.0.1",
    "100.0.0.1",
    "[2001:db8::1]",
    "10.example",
    "local.example",
  ])("%s is known to all", (host) => expect(isNear(new URL(`http://${host}/a`))).toBe(false));
});
