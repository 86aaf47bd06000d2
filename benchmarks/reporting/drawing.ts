import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Of every chart; as wide as a column of a README. */
export const WIDTH = 860;

/** Colours by meaning. Their values, light and dark, are in {@link STYLE}. */
export const ink = {
  text: "var(--text)",
  muted: "var(--muted)",
  grid: "var(--grid)",
  better: "var(--better)",
  worse: "var(--worse)",
  lines: ["var(--line-1)", "var(--line-2)", "var(--line-3)", "var(--line-4)", "var(--line-5)"],
} as const;

const LIGHT =
  "--paper:#ffffff;--text:#1b2430;--muted:#667085;--grid:#e4e7ec;--better:#0e7c86;--worse:#c4622d;" +
  "--line-1:#0e7c86;--line-2:#98a2b3;--line-3:#c4622d;--line-4:#5b5bd6;--line-5:#b08900";
const DARK =
  "--paper:#14181f;--text:#e6e9ef;--muted:#98a2b3;--grid:#2a313c;--better:#4cc3cc;--worse:#f0925a;" +
  "--line-1:#4cc3cc;--line-2:#7d8899;--line-3:#f0925a;--line-4:#9b9bff;--line-5:#e0b93a";

/** The colours, for a chart that stands alone and for the page that holds them all. */
export function colours(selector: string): string {
  return `${selector}{${LIGHT}}@media (prefers-color-scheme: dark){${selector}{${DARK}}}`;
}

const FONT = `ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif`;

/**
 * Draws a chart without a browser.
 *
 * @param title For those who do not see it, and for the tooltip.
 * @param options Observable Plot's.
 * @returns The text of an SVG file, the same for the same options.
 */
export function draw(title: string, options: PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = plot({
    width: WIDTH,
    ...options,
    document: document as unknown as Document,
    ariaLabel: title,
    style: { fontFamily: FONT, fontSize: "12px", color: "var(--text)", background: "var(--paper)" },
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  const style = document.createElement("style");
  // In an <img> a chart sees nothing of the page's style, within the page it must not differ from it.
  style.textContent = colours(":where(svg)");
  svg.prepend(style as unknown as Node);
  return `${svg.outerHTML}\n`;
}
