/** What was published from this browser, to be published again. */
import type { Qos } from "../../mqtt/packet-types.ts";
import { PAYLOAD_FORMS, type PayloadForm } from "./text/payload-draft.ts";

export interface Draft {
  readonly topic: string;
  readonly text: string;
  readonly form: PayloadForm;
  readonly qos: Qos;
  readonly retain: boolean;
}

export const EMPTY_DRAFT: Draft = { topic: "", text: "", form: "text", qos: 0, retain: false };

const KEY = "motekit-published";
const ENTRIES_MAX = 30;
/** Longer ones are not kept: a browser gives a page about 5 MB for all. */
const TEXT_CHARACTERS_MAX = 20_000;

/** The last one first. */
export function readHistory(storage: Storage): Draft[] {
  try {
    const entries: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(entries) ? entries.filter(isDraft).slice(0, ENTRIES_MAX) : [];
  } catch {
    // Another program of this origin wrote it, or the browser gives no storage: there is no history then.
    return [];
  }
}

/** What was published again moves to the front. */
export function remember(storage: Storage, draft: Draft): void {
  if (draft.text.length > TEXT_CHARACTERS_MAX) return;
  const others = readHistory(storage).filter((each) => !isSame(each, draft));
  try {
    storage.setItem(KEY, JSON.stringify([draft, ...others].slice(0, ENTRIES_MAX)));
  } catch {
    // The storage is full or forbidden: what is published is published all the same.
  }
}

export function forget(storage: Storage): void {
  storage.removeItem(KEY);
}

function isSame(one: Draft, other: Draft): boolean {
  return (Object.keys(EMPTY_DRAFT) as (keyof Draft)[]).every((key) => one[key] === other[key]);
}

function isDraft(entry: unknown): entry is Draft {
  if (typeof entry !== "object" || entry === null) return false;
  const { topic, text, form, qos, retain } = entry as Partial<Record<keyof Draft, unknown>>;
  return (
    typeof topic === "string" &&
    typeof text === "string" &&
    PAYLOAD_FORMS.some((known) => known === form) &&
    (qos === 0 || qos === 1 || qos === 2) &&
    typeof retain === "boolean"
  );
}
