import { expect, it } from "vitest";
import { runCommandLine } from "../host/command-line.ts";

/** Runs `motekit` in an environment whose working folder cannot be read, which no command expects. */
async function runWithInternalError(...args: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const exitCode = await runCommandLine(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    signal: new AbortController().signal,
    get workingFolder(): string {
      throw new TypeError("the folder is missing");
    },
    environment: {},
  });
  return { exitCode, stdout, stderr };
}

it("command line: an internal error with --json is one JSON object with the code MK0001 on standard output", async () => {
  const { exitCode, stdout, stderr } = await runWithInternalError("check", "--board", "linux", "--json");
  expect(exitCode).toBe(1);
  expect(stderr).toBe("");
  expect(stdout.endsWith("}\n")).toBe(true);
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    problems: [
      {
        code: "MK0001",
        message: "This is a bug in motekit: the folder is missing.",
        remedy: expect.stringContaining("report both"),
      },
    ],
  });
});

it("command line: an internal error without --json is text with the stack trace on standard error", async () => {
  const { exitCode, stdout, stderr } = await runWithInternalError("check", "--board", "linux");
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/internal error \(please report it\):.* TypeError: the folder is missing\n +at /);
});

it("command line: the general help lists each command with the arguments that its own help shows", async () => {
  const help = async (...args: string[]): Promise<string> => {
    let text = "";
    const write = (part: string) => (text += part);
    const { signal } = new AbortController();
    const streams = { stdout: { write }, stderr: { write } };
    expect(await runCommandLine(args, { ...streams, signal, workingFolder: ".", environment: {} })).toBe(0);
    return text;
  };
  const general = await help("--help");
  const listed = [...general.slice(general.indexOf("Commands:")).matchAll(/^ {2}(\w+)(.*?)(?: {2,}|$)/gm)];
  const names = listed.map(([, name]) => name).filter((name) => name !== "help");
  expect(names).toHaveLength(14);
  for (const [, name = "", usage = ""] of listed) {
    if (name === "help") continue;
    const own = await help(name, "--help");
    const ownUsage = /^Usage: motekit \w+(.*)$/m.exec(own)?.[1] ?? "";
    expect(ownUsage, name).toBe(usage.trimEnd());
  }
});
