/** `require` and `Modules` of the engine `node`. */
import type { WifiNetwork } from "../../firmware/contract/configuration.ts";
import type { Callback, Interpreter } from "./interpreter.ts";
import { WIFI_PROGRAM, wifiNetworksText } from "./wifi-module.ts";

/** Modules that boards have and this engine has not: the error says which engine has them. */
const UNSIMULATED = ["http", "dgram", "fs", "crypto", "heatshrink", "timer", "ESP32", "neopixel"];

export interface ModuleTable {
  readonly names: readonly string[];
  readonly globals: Record<string, unknown>;
  /** Fills `Wifi` with the configured networks in reach. */
  addWifi(networks: readonly WifiNetwork[], linkChanged: (up: boolean) => void): void;
}

export function createModules(
  interpreter: Interpreter,
  builtIn: Readonly<Record<string, () => object>>,
): ModuleTable {
  const loaded = new Map<string, unknown>();
  const require = (name: unknown): unknown => {
    const id = String(name);
    if (loaded.has(id)) return loaded.get(id);
    const create = Object.hasOwn(builtIn, id) ? builtIn[id] : undefined;
    if (!create) throw interpreter.error(absenceOf(id));
    const module = create();
    loaded.set(id, module);
    return module;
  };
  const addCached = (name: unknown, source: unknown): void => {
    const exports = interpreter.object({});
    const module = interpreter.object({ exports }) as { exports: unknown };
    const text = typeof source === "function" ? bodyOf(source) : String(source);
    compileModule(interpreter, String(name), text).call(exports, exports, module);
    loaded.set(String(name), module.exports);
  };
  return {
    names: Object.keys(builtIn),
    globals: {
      require,
      Modules: interpreter.object({
        addCached,
        getCached: () => interpreter.array([...loaded.keys()]),
        removeCached: (name: unknown) => void loaded.delete(String(name)),
        removeAllCached: () => loaded.clear(),
      }),
    },
    addWifi(networks, linkChanged) {
      const program = `${WIFI_PROGRAM}(${wifiNetworksText(networks)}, linkChanged)`;
      const create = interpreter.compile(`(function(linkChanged) { return ${program}; })`, "Wifi.js");
      loaded.set("Wifi", (create as Callback)(linkChanged));
    },
  };
}

/** A module that is given as a function is its body, as on the board: parameters are not passed. */
function bodyOf(code: unknown): string {
  const text = Function.prototype.toString.call(code);
  return text.substring(text.indexOf("{") + 1, text.lastIndexOf("}"));
}

function compileModule(interpreter: Interpreter, name: string, source: string): Callback {
  return interpreter.compile(`(function(exports, module) { ${source}\n})`, `${name}.js`) as Callback;
}

function absenceOf(id: string): string {
  return UNSIMULATED.includes(id)
    ? `Module "${id}" is not simulated by the node engine`
    : `Module "${id}" not found`;
}
