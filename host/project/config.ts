/** The module "motekit/config", which a project file imports. */
import type { ProjectConfig } from "./project-file.ts";

export type { ProjectConfig } from "./project-file.ts";

/** Gives an editor the type of a project file. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}
