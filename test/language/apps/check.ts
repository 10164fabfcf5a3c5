/** The unit tests inside the apps: each prints what it saw, and the lines of two runs are compared. */
let count = 0;

export function check(name: string, value: unknown): void {
  count++;
  console.log(`check ${name}: ${JSON.stringify(value ?? null)}`);
}

export function checkThrows(name: string, run: () => unknown): void {
  try {
    run();
    check(name, "nothing thrown");
  } catch (error) {
    check(name, error instanceof Error ? error.message : typeof error);
  }
}

export function finish(): void {
  console.log(`check all: ${count}`);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
