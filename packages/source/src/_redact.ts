/** The address without what may be a secret: user info, query and fragment. */
export function redactUrl(url: URL): string {
  return url.origin + url.pathname;
}

/**
 * The error that a transport threw, made anew of its name, its code and its message without addresses' secrets: some
 * transports put the whole address into the message, and Bun's into a property too.
 */
export function redactCause(error: unknown, url: URL): Error {
  const reasons: string[] = [];
  let code: unknown;
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth += 1) {
    reasons.push(each.message);
    code ??= "code" in each ? each.code : undefined;
  }
  const text = (reasons.length > 0 ? reasons.join(": ") : String(error)).replaceAll(/\bhttps?:[^\s"'<>]+/gi, (found) =>
    URL.canParse(found) ? redactUrl(new URL(found)) : "an address",
  );
  // A transport may quote the query alone, or one value of it.
  const secrets = [url.search, url.search.slice(1), ...url.searchParams.values()].filter(({ length }) => length > 7);
  const safe = new Error(secrets.reduce((message, secret) => message.replaceAll(secret, "…"), text));
  if (error instanceof Error) safe.name = error.name;
  return typeof code === "string" ? Object.assign(safe, { code }) : safe;
}
