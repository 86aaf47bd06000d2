import { describe, expect, test } from "vitest";
import { unfitSize, unfitUrl } from "./unfit-url.ts";

const why = (url: string) => unfitUrl(new URL(url));

describe("unfitUrl", () => {
  test.each([
    "https://files.example/a.png",
    "http://8.8.8.8/a",
    "https://172.32.0.1/",
    "https://100.128.0.1/",
    "https://files.example:8443/a?signature=1",
    "https://[2001:db8::1]/a",
    "https://10.example/a",
  ])("has nothing against %s", (url) => {
    expect(why(url)).toBeUndefined();
  });

  test.each([
    ["http://localhost:3000/a", "loopback"],
    ["http://127.1/a", "loopback"],
    ["http://2130706433/a", "loopback"],
    ["http://[::1]/a", "loopback"],
    ["http://localhost./a", "private"],
    ["http://a.localhost./a", "private"],
    ["http://0.0.0.0/a", "private"],
    ["http://10.1.2.3/a", "private"],
    ["http://172.16.0.1/a", "private"],
    ["http://192.168.1.1/a", "private"],
    ["http://169.254.169.254/a", "private"],
    ["http://100.64.0.1/a", "private"],
    ["http://[fd00::1]/a", "private"],
    ["http://[fe80::1]/a", "private"],
    ["http://[::]/a", "private"],
    ["http://[::ffff:10.0.0.1]/a", "private"],
    ["http://nas/a", "private"],
    ["http://printer.local/a", "private"],
    ["http://wiki.internal./a", "private"],
    ["https://me:pass@files.example/a", "credentials"],
    ["https://me@files.example/a", "credentials"],
    ["ftp://files.example/a", "ftp:"],
    ["data:text/plain,a", "data:"],
  ])("sees that nobody outside can have %s", (url, reason) => {
    expect(why(url)).toContain(reason);
  });
});

test("unfitSize has a limit of 100 MB, and wants to know", () => {
  expect([unfitSize(0), unfitSize(100_000_000)]).toEqual([undefined, undefined]);
  expect(unfitSize(100_000_001)).toContain("100000001 bytes");
  expect(unfitSize(undefined)).toContain("not known");
});
