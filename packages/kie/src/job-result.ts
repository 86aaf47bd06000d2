import type { JobRecord } from "./job-calls.ts";
import { badReply } from "./kie-call.ts";

/** What came out of a job: all that its `resultJson` says, and the addresses in it. */
export interface JobResult {
  /** Of what was made, in order, wherever they stood. They are gone after a day or two: download what is to stay. */
  readonly urls: readonly string[];
  /** What media come as. */
  readonly resultUrls?: unknown;
  /** What texts come as. */
  readonly resultObject?: unknown;
  readonly [member: string]: unknown;
}

/** Where addresses have been seen, the best place first: others hold those of an input. */
const PLACES = ["resultUrls", "result_urls", "resultUrl", "result_url", "urls", "url"];

/**
 * Reads the result of a job that went well.
 *
 * @throws {HttpError} with the code "bad-reply" where it is no JSON.
 */
export function resultOf(record: JobRecord): JobResult {
  const { resultJson } = record;
  const parsed = typeof resultJson === "string" ? (resultJson === "" ? {} : parse(resultJson, record)) : resultJson;
  const members = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : { value: parsed };
  return { ...members, urls: urlsIn(parsed) };
}

function urlsIn(parsed: unknown): string[] {
  const members = Object(parsed) as Record<string, unknown>;
  for (const place of PLACES) {
    const urls = [members[place]].flat().filter(isAddress);
    if (urls.length > 0) return urls;
  }
  // No member that is known: the first list of nothing but addresses.
  const lists = [parsed, ...Object.entries(members).map(([name, list]) => (name === "origin_urls" ? [] : list))];
  const found = lists.find((list) => Array.isArray(list) && list.length > 0 && list.every(isAddress));
  return (found as string[] | undefined) ?? [members["origin_urls"]].flat().filter(isAddress);
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\/\S+$/i.test(value);
}

function parse(text: string, record: JobRecord): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badReply('its "resultJson" is not JSON', {
      method: "GET",
      url: "/api/v1/jobs/recordInfo",
      body: record,
    });
  }
}
