import { isLoopback } from "./base-url.ts";

/**
 * Whether an address means something on this machine, or in its network, alone: RFC 1918, 6598, 3927, 4193 and 4291, and
 * names that no public server has. What a provider on the Internet is told, it could not fetch.
 */
export function isNear(url: URL): boolean {
  // A dot at the end is the root of all names, and changes nothing.
  const hostname = url.hostname.replace(/\.$/, "");
  return (
    isLoopback(url) ||
    !/[.:]/.test(hostname) ||
    /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
      hostname,
    ) ||
    /\.(local|internal|intranet|lan|home\.arpa|localhost)$/.test(hostname) ||
    /^\[(::1?|::ffff:.*|f[cd].*|fe[89ab].*)\]$/.test(hostname)
  );
}
