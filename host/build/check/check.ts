import type { Program } from "../lower/program.ts";

/** Refuses what no lowering mends. */
export function check(program: Program): void {
  void program;
}
