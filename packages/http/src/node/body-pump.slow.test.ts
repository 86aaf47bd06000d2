import { beforeAll, describe, expect, test } from "vitest";
import { patternSource } from "../../test-support/pattern.ts";
import { protocols, sendTwice } from "../../test-support/pump-run.ts";
import { trustTestCertificate } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

beforeAll(trustTestCertificate);

describe.each(Object.keys(protocols))("over %s, to a server that reads slowly,", (protocol) => {
  test.each([1, 2, 7, 16, 32, 48, 63, 64, 65, 96, 127, 128, 200, 256, 512, 777, 1024])(
    "BodyPump sends what it read, with buffers of %i KiB",
    async (kibibytes) => {
      const size = (kibibytes < 16 ? 4 : 24) * MiB + 12_345;
      const right = { size, wrong: -1 };
      const body = () => bytesBody(patternSource({ size }));
      expect(await sendTwice(protocol, body, kibibytes * KiB)).toEqual([right, right]);
    },
    60_000,
  );

  test.each([1, 7, 64, 300, 1024])(
    "BodyPump hands on a stream of chunks of %i KiB",
    async (kibibytes) => {
      const size = 16 * MiB + 4_321;
      const right = { size, wrong: -1 };
      const body = () => bytesBody(patternSource({ size, chunk: kibibytes * KiB }));
      expect(await sendTwice(protocol, body)).toEqual([right, right]);
    },
    60_000,
  );
});
