import { parseDataUri } from "@sluice/base64";
import { mapValues } from "@sluice/http/provider";
import { bytesSource } from "@sluice/source";
import { type DownloadSettings, outputSource } from "./output-source.ts";

/**
 * An output with sources in place of the files in it: strings that are an https: URL as a whole, or a data URI. An http:
 * URL is one only where the API itself is.
 */
export function outputsOf(output: unknown, settings: DownloadSettings): unknown {
  return mapValues(output, (value) => {
    if (typeof value !== "string") return value;
    if (/^data:[^,]*;base64,/i.test(value)) return dataSource(value);
    if (!/^https?:\/\/\S+$/i.test(value)) return value;
    const url = URL.parse(value);
    if (url === null) return value;
    return url.protocol === "https:" || url.origin === settings.baseUrl.origin ? outputSource(url, settings) : value;
  });
}

/** What a model says is a data URI, and is none, stays a text. */
function dataSource(text: string): unknown {
  try {
    const { bytes, type } = parseDataUri(text);
    return bytesSource(bytes, { type });
  } catch {
    return text;
  }
}
