import { useState } from "preact/hooks";
import { explainFrame } from "../../wire/explain-frame.ts";
import type { FrameField } from "../../wire/frame-field.ts";
import { formatBytes, formatClock } from "../controls/format.ts";
import { visibleText } from "../model/text/visible-text.ts";
import type { FrameEntry, WireEntry } from "../model/wire-log.ts";

/** The maximum number of bytes that are shown for one field. */
const FIELD_BYTES_MAX = 256;

/** A frame byte by byte. Each byte belongs to a field, with its meaning and its clause in the specification. */
export function FrameDetail({ entry }: { entry: WireEntry | undefined }) {
  return (
    <section class="panel" aria-labelledby="frame-title">
      <div class="panel-head">
        <h2 id="frame-title">{entry?.kind === "frame" ? entry.packet : "Frame"}</h2>
        {entry?.kind === "frame" && <span class="quiet">{formatBytes(entry.sizeBytes)}</span>}
      </div>
      {entry?.kind === "frame" ? (
        <Explanation key={entry.serial} entry={entry} />
      ) : (
        <p class="empty">Select a frame to see its bytes explained.</p>
      )}
    </section>
  );
}

function Explanation({ entry }: { entry: FrameEntry }) {
  const [highlighted, setHighlighted] = useState<number | undefined>(undefined);
  const { fields, violation } = explainFrame(entry.bytes, entry.direction, entry.sizeBytes);
  const { bytes, sizeBytes } = entry;
  return (
    <div class="explanation">
      <p class="quiet">
        {formatClock(entry.timeMs)}, {visibleText(entry.client) || `connection ${entry.connection}`},{" "}
        {entry.direction === "in" ? "to the hub" : "from the hub"}
        {entry.fate === "passed" ? "" : `, ${entry.fate}`}
      </p>
      {violation !== undefined && <p class="alarm">This frame violates MQTT 3.1.1: {violation}</p>}
      <div class="frame-bytes" aria-hidden="true">
        {fields.map((field, index) => (
          <FieldBytes
            key={`${field.offset} ${field.bits?.high}`}
            field={field}
            bytes={bytes}
            isHighlighted={highlighted === index}
            highlight={(on) => setHighlighted(on ? index : undefined)}
          />
        ))}
        {sizeBytes > bytes.length && <span class="quiet">… {sizeBytes - bytes.length} more bytes</span>}
      </div>
      <table class="fields">
        <thead>
          <tr>
            <th scope="col">Byte</th>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
            <th scope="col">MQTT 3.1.1</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field, index) => (
            <FieldRow
              key={`${field.offset} ${field.bits?.high}`}
              field={field}
              isHighlighted={highlighted === index}
              highlight={(on) => setHighlighted(on ? index : undefined)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HighlightProps {
  readonly field: FrameField;
  readonly isHighlighted: boolean;
  readonly highlight: (on: boolean) => void;
}

function FieldBytes(props: HighlightProps & { readonly bytes: Uint8Array }) {
  const { field, bytes, isHighlighted, highlight } = props;
  const { offset, length, bits, violation } = field;
  // If several fields share a byte, only the first field shows it.
  if (bits && bits.high < 7) return null;
  const shown = bytes.subarray(offset, offset + Math.min(length, FIELD_BYTES_MAX));
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const marks = `${isHighlighted ? " field-lit" : ""}${violation === undefined ? "" : " field-wrong"}`;
  return (
    <span
      class={`field-bytes${marks}`}
      onPointerEnter={() => highlight(true)}
      onPointerLeave={() => highlight(false)}
    >
      {hex}
      {length > shown.length && " …"}
    </span>
  );
}

function FieldRow({ field, isHighlighted, highlight }: HighlightProps) {
  const { offset, length, bits, name, value, clause, violation } = field;
  const last = offset + length - 1;
  const place = bits
    ? `${offset}, bit ${bits.high === bits.low ? bits.high : `${bits.high}–${bits.low}`}`
    : offset === last
      ? String(offset)
      : `${offset}–${last}`;
  return (
    <tr
      class={isHighlighted ? "field-lit" : ""}
      onPointerEnter={() => highlight(true)}
      onPointerLeave={() => highlight(false)}
    >
      <td class="number">{place}</td>
      <th scope="row">{name}</th>
      <td>
        <span class="field-value">{visibleText(value)}</span>
        {violation !== undefined && <span class="alarm field-violation">{violation}</span>}
      </td>
      <td class="quiet">{clause}</td>
    </tr>
  );
}
