/** What a project file imports, as "motekit/config". */
import type { ProjectConfig } from "./project-file.ts";

export type { ProjectConfig } from "./project-file.ts";

/** Gives an editor the type of a project file. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}
