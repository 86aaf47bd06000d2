export { type JournalLawsOptions, journalLaws, type Law } from "./journal-laws.ts";
export { type Call, type Fault, MemoryTarget, type Stored, TargetError } from "./memory-target.ts";
export { type TargetScenario, type TargetUnderTest, testPartTarget } from "./test-part-target.ts";
