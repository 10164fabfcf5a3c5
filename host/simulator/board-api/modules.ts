/** `require` and `Modules` of the engine `node`. */

import type { Callback, Interpreter } from "../interpreter/interpreter.ts";
import type { Radio } from "../world/radio.ts";
import { beaconsText, WIFI_PROGRAM } from "./wifi-module.ts";

/** Modules of boards that this engine does not have. The error names the engine that has them. */
const UNSIMULATED = ["http", "dgram", "fs", "crypto", "heatshrink", "timer", "ESP32", "neopixel"];

export interface ModuleTable {
  readonly names: readonly string[];
  readonly globals: Record<string, unknown>;
  /** Fills `Wifi`. Returns a function that disconnects it from the radio. */
  addWifi(radio: Radio, linkChanged: (up: boolean) => void): () => void;
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
    addWifi(radio, linkChanged) {
      let letGo = (): void => undefined;
      const watch = (changed: Callback) => {
        letGo = radio.onChange(() => interpreter.enter(() => void changed()));
      };
      // As program text, so that the values belong to the program's realm and have its encoding.
      const inReach = () => interpreter.compile(beaconsText(radio.inReach()), "Wifi.js");
      const create = interpreter.compile(WIFI_PROGRAM, "Wifi.js") as Callback;
      loaded.set("Wifi", create(inReach, linkChanged, watch));
      return letGo;
    },
  };
}

/** The code of a module. A function stands for its body, as on the board, and gets no arguments. */
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
