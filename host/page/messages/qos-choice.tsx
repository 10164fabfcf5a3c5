import type { Qos } from "../../mqtt/packet-types.ts";

const QOS_CHOICES: readonly Qos[] = [0, 1, 2];

export function QosChoice(props: { name: string; qos: Qos; choose: (qos: Qos) => void }) {
  const { name, qos, choose } = props;
  return (
    <fieldset class="segments">
      <legend>QoS</legend>
      {QOS_CHOICES.map((choice) => (
        <label key={choice} class="segment">
          <input type="radio" name={name} checked={qos === choice} onChange={() => choose(choice)} />
          <span>{choice}</span>
        </label>
      ))}
    </fieldset>
  );
}
