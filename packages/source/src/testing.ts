export { type Law, type SourceUnderTest, sourceLaws } from "./source-laws.ts";
