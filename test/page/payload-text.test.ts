/** Payloads as text for reading. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffPayloads } from "../../host/page/messages/payload-diff.ts";
import { indentJson } from "../../host/page/model/text/json-text.ts";
import { payloadText, readPayload } from "../../host/page/model/text/payload.ts";
import { indentDraft } from "../../host/page/model/text/payload-draft.ts";
import { visibleText } from "../../host/page/model/text/visible-text.ts";

const payloadOf = (text: string) => readPayload(new TextEncoder().encode(text));

describe("JSON payloads", () => {
  it("the indentation is the same as that of JSON.stringify", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.boolean(), (text, hasBlanks) => {
        const value: unknown = JSON.parse(text);
        const written = hasBlanks ? JSON.stringify(value, null, 7) : JSON.stringify(value);
        expect(indentJson(written)).toBe(JSON.stringify(value, null, 2));
      }),
      { numRuns: 500, seed: 9 },
    );
  });

  it("the indentation keeps long numbers, duplicate members and the notation of numbers", () => {
    const text = '{"id":12345678901234567890,"far":1e400,"volts":3.30,"a":1,"a":2,"e":"\\u00e9\\"}"}';
    expect(payloadText(payloadOf(text))).toBe(
      '{\n  "id": 12345678901234567890,\n  "far": 1e400,\n  "volts": 3.30,\n  "a": 1,\n  "a": 2,\n  "e": "\\u00e9\\"}"\n}',
    );
    expect(indentDraft('{"far":1e400}')).toBe('{\n  "far": 1e400\n}');
    expect(indentDraft('{"far":')).toBe('{"far":');
    expect(diffPayloads(payloadOf('{"v":3.3}'), payloadOf('{"v":3.30}'))).toContainEqual({
      kind: "added",
      text: '  "v": 3.30',
    });
  });

  it("JSON with more than 100 levels is not indented", () => {
    const deep = `${"[".repeat(101)}1${"]".repeat(101)}`;
    expect(indentJson(deep)).toBe(deep);
    expect(indentJson(deep.slice(1, -1)).split("\n")).toHaveLength(201);
  });
});

it("visibleText shows invisible characters as code points, and keeps tab, line feed and emoji", () => {
  expect(visibleText("a\u0000\u001f\u007f\u009f\u00ad\u200b\u202e\u2066\ufeff")).toBe(
    "a‹U+0000›‹U+001F›‹U+007F›‹U+009F›‹U+00AD›‹U+200B›‹U+202E›‹U+2066›‹U+FEFF›",
  );
  const visible = "\tzwei\nZeilen ü 温度 🌡️ 👩‍🔬 שלום";
  expect(visibleText(visible)).toBe(visible);
});
