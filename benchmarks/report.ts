// Draws the report again from what was recorded.
import { readRecorded } from "./reporting/recorded.ts";
import { renderReport } from "./reporting/render-report.ts";

const folder = new URL("report/", import.meta.url);
renderReport(folder, readRecorded(new URL("results.json", folder)));
