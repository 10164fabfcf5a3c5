import { useId } from "preact/hooks";
import type { DeviceDraft, RuleDraft } from "./device-draft.ts";

export interface FieldsProps {
  readonly draft: DeviceDraft;
  readonly change: (part: Partial<DeviceDraft>) => void;
}

/** Fields for the name, ID and credentials of a new device. */
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
        <span class="field-label">ID (a UUID; leave it empty for a new one)</span>
        <input
          type="text"
          name="id"
          autocomplete="off"
          spellcheck={false}
          value={draft.id}
          onInput={(event) => change({ id: event.currentTarget.value })}
        />
      </label>
      <Check label="Generate password" isOn={draft.password} onChange={(password) => change({ password })} />
      <Check
        label="Issue certificate"
        isOn={draft.certificate}
        onChange={(certificate) => change({ certificate })}
      />
    </>
  );
}

/** Fields for the permissions of a device. */
export function SettingFields({ draft, change }: FieldsProps) {
  return (
    <>
      <Check
        label="Allow connections without mutual TLS"
        isOn={draft.allowsInsecure}
        onChange={(allowsInsecure) => change({ allowsInsecure })}
      />
      <Check
        label="Allow several connections at the same time"
        isOn={draft.allowsMultiple}
        onChange={(allowsMultiple) => change({ allowsMultiple })}
      />
      <RuleFields label="Publish to" rule={draft.publish} onChange={(publish) => change({ publish })} />
      <RuleFields
        label="Subscribe to"
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

const RULE_CHOICES: readonly (readonly [policy: RuleDraft["policy"], label: string])[] = [
  ["all", "all topics"],
  ["accept", "these topics only"],
  ["reject", "all topics except these"],
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
          {RULE_CHOICES.map(([policy, choiceLabel]) => (
            <option key={policy} value={policy}>
              {choiceLabel}
            </option>
          ))}
        </select>
      </div>
      {rule.policy !== "all" && (
        <div class="field">
          <label class="field-label" for={topicsId}>
            <span class="hidden">{label}: </span>One topic filter per line; <code>{"{{device.id}}"}</code> is
            replaced by the device's ID
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
