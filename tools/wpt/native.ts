export function install(): void {}
export const expectedFailures = {};
