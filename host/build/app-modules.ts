/** What an app may import of the firmware: the package's own "exports", so that editors and the build agree. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../package-root.ts";

/** Absolute paths by name: "motekit", "motekit/qos2" and so on. */
export function appModules(): Readonly<Record<string, string>> {
  const root = packageRoot();
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    name: string;
    exports: Record<string, string>;
  };
  const modules = Object.entries(exports).filter(([, path]) => path.startsWith("./firmware/"));
  return Object.fromEntries(modules.map(([key, path]) => [name + key.substring(1), join(root, path)]));
}
