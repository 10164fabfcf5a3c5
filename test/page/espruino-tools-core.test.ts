/** The defects of @espruino-tools/core that host/page/board works around. If a test fails here, the package has fixed one. */
import { DeviceController } from "@espruino-tools/core";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { hasChromium, useBrowser } from "../fixtures/browser.ts";

const { openPage } = useBrowser();

type Done = (value: unknown, log?: string) => void;

/** A controller with the test's connection, which records writes and answers expressions with `answer`. */
function controllerWith(answer: (expression: string, done: Done) => void) {
  const controller = new DeviceController();
  const written: string[] = [];
  controller.UART = {
    write: (statement: string) => void written.push(statement),
    eval: answer,
    close: () => undefined,
  } as never;
  return { controller, written };
}

const answers: (expression: string, done: Done) => void = (expression, done) =>
  done(expression === "E.dumpStr()" ? "" : 1, "success");

test("@espruino-tools/core: connect() pulses LED2, which an ESP32 does not have", async () => {
  const { controller, written } = controllerWith(answers);
  await new Promise((resolve) => controller.connect(() => resolve(undefined)));
  expect(written).toEqual(["digitalPulse(LED2,1,100);\n"]);
});

test("@espruino-tools/core: disconnect() pulses LED1, as an expression", async () => {
  const asked: string[] = [];
  const { controller } = controllerWith((expression, done) => {
    asked.push(expression);
    done(1, "success");
  });
  await controller.disconnect(() => undefined);
  expect(asked).toEqual(["digitalPulse(LED1,1,100);\n"]);
});

test("@espruino-tools/core: connect() neither calls back nor rejects if nothing answers", async () => {
  const { controller } = controllerWith((_expression, done) => done(null, "no answer"));
  let called = false;
  await expect(
    controller.connect(() => {
      called = true;
    }),
  ).resolves.toBeUndefined();
  expect([called, controller.connected]).toEqual([false, false]);
});

test("@espruino-tools/core: eval() resolves with both arguments, contrary to its type", async () => {
  const { controller } = controllerWith(answers);
  await expect(controller.Pin.val("D2")).resolves.toEqual({ data: 1, log: "success" });
});

test("@espruino-tools/core: connect() discards the board's functions that it has read", async () => {
  const { controller } = controllerWith((expression, done) =>
    done(expression === "E.dumpStr()" ? "function blink(){}" : 1, "success"),
  );
  await new Promise((resolve) => controller.connect(() => resolve(undefined)));
  expect(controller.Call).toBeUndefined();
});

test.skipIf(!hasChromium)(
  "@espruino-tools/core: the module sets style attributes when it is loaded, which the page's policy forbids",
  async () => {
    const { outputFiles } = await build({
      stdin: { contents: 'import "@espruino-tools/core";', resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
    });
    const { page, pageErrors } = await openPage({
      async prepare(opened) {
        await opened.route("**/chunks/bare.js", (route) =>
          route.fulfill({ contentType: "text/javascript", body: outputFiles[0]?.text ?? "" }),
        );
      },
    });
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.type = "module";
      script.src = "/chunks/bare.js";
      const loaded = new Promise((resolve) => script.addEventListener("load", resolve));
      document.head.append(script);
      return loaded.then(() => undefined);
    });
    expect(pageErrors.join("\n")).toContain("Applying inline style violates");
  },
);
