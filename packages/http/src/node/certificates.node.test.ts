import { expect, test } from "vitest";
import { serveTls } from "../../test-support/servers.ts";
import { createClient } from "./create-client.ts";

test("a certificate that is not trusted fails the request, which is not tried again", async () => {
  await using server = await serveTls((_, response) => response.end());
  await using client = createClient({ baseUrl: server.url });
  const error = await client.request("GET", "/", { idempotent: true }).catch((error) => error);
  expect(error).toMatchObject({ code: "http", status: undefined, retryable: false, reached: false });
  expect(error.cause.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
});
