import { isLoopback, isNear } from "@sluice/http/provider";

/** What kie.ai recommends for a download by URL. */
const LARGEST_URL = 100_000_000;

/** Why kie.ai cannot fetch what is at an address, as far as the address itself tells; undefined where it may. */
export function unfitUrl(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `kie.ai fetches no ${url.protocol} URLs`;
  if (url.username !== "" || url.password !== "") return "the URL needs credentials, which stay here";
  if (isLoopback(url)) return "the URL is of this machine (loopback), which kie.ai cannot reach";
  if (isNear(url)) return "the URL is of a private network, which kie.ai cannot reach";
  return undefined;
}

/** Why kie.ai should not fetch so much, or what is not known to be less. */
export function unfitSize(size: number | undefined): string | undefined {
  if (size === undefined) return `the size of what is at the URL is not known, and kie.ai fetches ${LARGEST_URL} bytes`;
  if (size > LARGEST_URL) return `it has ${size} bytes, and kie.ai fetches ${LARGEST_URL} within its 30 seconds`;
  return undefined;
}
