/** Errors of the simulator. */
import { expect, it } from "vitest";
import { parseHub } from "../../host/commands/simulate.ts";
import { bootProgram } from "../fixtures/simulated-boards.ts";

it("simulator: the error for a program that is not Espruino names it", async () => {
  const absent = bootProgram("espruino", "1", { espruinoProgram: "/nowhere/espruino" });
  await expect(absent).rejects.toMatchObject({
    code: "MK1302",
    message: expect.stringContaining("/nowhere/espruino"),
  });
  const other = bootProgram("espruino", "1", { espruinoProgram: process.execPath });
  await expect(other).rejects.toMatchObject({ code: "MK1304" });
});

it("simulator: an app that does not fit into Storage is refused", async () => {
  const tooLarge = bootProgram("node", "x".repeat(300_000));
  await expect(tooLarge).rejects.toMatchObject({ code: "MK1305" });
});

it("simulator: the error for an invalid hub address does not contain its password", () => {
  expect(parseHub("mqtt://me:p%40ss@hub:1884")).toEqual({
    host: "hub",
    port: 1884,
    username: "me",
    password: "p@ss",
  });
  expect(parseHub("mqtt://[::1]")).toEqual({ host: "::1", port: 1883 });
  expect(() => parseHub("http://me:secret@hub")).toThrow(/^(?!.*secret).*mqtt:/s);
});
