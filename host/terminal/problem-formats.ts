/** Problems in the formats of editors and CI: one line each, with paths relative to the working folder. */
import { relative } from "node:path";
import type { Problem } from "../errors.ts";

export const MACHINE_FORMATS = ["github", "unix"] as const;
/** A warning does not keep a build from being made. */
export type Severity = "error" | "warning";
export type MachineFormat = (typeof MACHINE_FORMATS)[number];

function sentence({ message, remedy }: Problem): string {
  return remedy ? `${message} ${remedy}` : message;
}
/** `file:line:column: message [code]`, the format of C compilers, which editors parse. */
function formatUnix(problem: Problem, severity: Severity, folder: string): string {
  const { file, line = 1, column = 1 } = problem.where ?? { file: "" };
  const path = file === "" ? "motekit" : relative(folder, file);
  const mark = severity === "warning" ? "warning: " : "";
  return `${path}:${line}:${column}: ${mark}${sentence(problem).replaceAll("\n", " ")} [${problem.code}]`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
/** A workflow command of GitHub Actions, which shows the problem at its line in a pull request. */
function formatGithub(problem: Problem, severity: Severity, folder: string): string {
  const { where } = problem;
  const properties = where
    ? [
        `file=${escapeProperty(relative(folder, where.file))}`,
        ...(where.line === undefined ? [] : [`line=${where.line}`]),
        ...(where.column === undefined ? [] : [`col=${where.column}`]),
      ]
    : [];
  properties.push(`title=${escapeProperty(problem.code)}`);
  return `::${severity} ${properties.join(",")}::${escapeData(sentence(problem))}`;
}

export function formatForMachine(
  problem: Problem,
  { format, severity, folder }: { format: MachineFormat; severity: Severity; folder: string },
): string {
  return format === "unix" ? formatUnix(problem, severity, folder) : formatGithub(problem, severity, folder);
}
