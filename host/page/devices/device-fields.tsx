import { useId } from "preact/hooks";
import type { DeviceDraft, RuleDraft } from "./device-draft.ts";

export interface FieldsProps {
  readonly draft: DeviceDraft;
  readonly change: (part: Partial<DeviceDraft>) => void;
}

/** Who a new device is, and how it proves it. */
export function IdentityFields({ draft, change }: FieldsProps) {
  return (
    <>
      <label class="field">
        <span class="field-label">Name</span>
        <input
          type="text"
          name="name"
          required
          autocomplete="off"
          spellcheck={false}
          value={draft.name}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span class="field-label">ID, a UUID; left empty, the hub makes one</span>
        <input
          type="text"
          name="id"
          autocomplete="off"
          spellcheck={false}
          value={draft.id}
          onInput={(event) => change({ id: event.currentTarget.value })}
        />
      </label>
      <Check label="Make it a password" isOn={draft.password} onChange={(password) => change({ password })} />
      <Check
        label="Make it a certificate of the hub's CA"
        isOn={draft.certificate}
        onChange={(certificate) => change({ certificate })}
      />
    </>
  );
}

/** What a device may. */
export function SettingFields({ draft, change }: FieldsProps) {
  return (
    <>
      <Check
        label="May connect without its certificate"
        isOn={draft.allowsInsecure}
        onChange={(allowsInsecure) => change({ allowsInsecure })}
      />
      <Check
        label="May have several connections at once"
        isOn={draft.allowsMultiple}
        onChange={(allowsMultiple) => change({ allowsMultiple })}
      />
      <RuleFields label="May publish to" rule={draft.publish} onChange={(publish) => change({ publish })} />
      <RuleFields
        label="May subscribe to"
        rule={draft.subscribe}
        onChange={(subscribe) => change({ subscribe })}
      />
    </>
  );
}

export function Check(props: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

const RULE_CHOICES: readonly (readonly [policy: RuleDraft["policy"], words: string])[] = [
  ["all", "all topics"],
  ["accept", "these topics only"],
  ["reject", "all topics but these"],
];

function RuleFields(props: { label: string; rule: RuleDraft; onChange: (rule: RuleDraft) => void }) {
  const { label, rule, onChange } = props;
  const [menuId, topicsId] = [useId(), useId()];
  return (
    <>
      <div class="field">
        <label class="field-label" for={menuId}>
          {label}
        </label>
        <select
          id={menuId}
          class="series-menu rule-menu"
          value={rule.policy}
          onChange={(event) =>
            onChange({ ...rule, policy: event.currentTarget.value as RuleDraft["policy"] })
          }
        >
          {RULE_CHOICES.map(([policy, words]) => (
            <option key={policy} value={policy}>
              {words}
            </option>
          ))}
        </select>
      </div>
      {rule.policy !== "all" && (
        <div class="field">
          <label class="field-label" for={topicsId}>
            <span class="hidden">{label}: </span>A topic filter each line; <code>{"{{device.id}}"}</code>{" "}
            stands for its ID
          </label>
          <textarea
            id={topicsId}
            rows={3}
            spellcheck={false}
            value={rule.topics}
            onInput={(event) => onChange({ ...rule, topics: event.currentTarget.value })}
          />
        </div>
      )}
    </>
  );
}
