export { type Law, type TaskScenario, testTask } from "./test-task.ts";
