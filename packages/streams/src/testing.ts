export { type Law, type StageUnderTest, stageLaws } from "./stage-laws.ts";
