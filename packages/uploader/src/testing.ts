export { type Call, type Fault, MemoryTarget, type Stored, TargetError } from "./memory-target.ts";
