/** The firmware's modules that an app may import: the package's own "exports", so that editors and the build agree. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../file-system/package-root.ts";

/** Absolute paths by name: "motekit", "motekit/qos2" and so on. */
export function appModules(): Readonly<Record<string, string>> {
  const root = packageRoot();
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    name: string;
    exports: Record<string, unknown>;
  };
  // Exports for the host are objects with conditions, not plain paths.
  const modules = Object.entries(exports).flatMap(([key, path]) =>
    typeof path === "string" && path.startsWith("./firmware/")
      ? [[name + key.substring(1), join(root, path)]]
      : [],
  );
  return Object.fromEntries(modules) as Record<string, string>;
}
