import { isLoopback, isNear } from "@sluice/http/provider";

/** Why OneAI is not to be told an address, whose bytes then go through here; undefined where it is. */
export function unfitUrl(url: URL, baseUrl: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `OneAI fetches no ${url.protocol} URLs`;
  if (url.username !== "" || url.password !== "") return "the URL holds a name or a password, which stay here";
  if (isNear(url) && !isLoopback(baseUrl)) return "the URL is of this machine or network, which OneAI cannot reach";
  return undefined;
}
