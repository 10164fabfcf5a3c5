import { useState } from "preact/hooks";
import type { Qos } from "../../mqtt/packet-types.ts";
import type { HubConnection } from "../connection/hub-connection.ts";
import { RemoveButton } from "../controls/remove-button.tsx";
import { problemOfFilter, SUBSCRIPTIONS_MAX, type Subscription } from "../model/subscriptions.ts";
import { QosChoice } from "./qos-choice.tsx";

export function SubscriptionPanel({ connection }: { connection: HubConnection }) {
  const [topicFilter, setTopicFilter] = useState("");
  const [qos, setQos] = useState<Qos>(1);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const { all } = connection.model.subscriptions;
  const subscribe = (): void => {
    const found = problemOfFilter(topicFilter) ?? (all.length >= SUBSCRIPTIONS_MAX ? TOO_MANY : undefined);
    setProblem(found);
    if (found !== undefined) return;
    connection.subscribe(topicFilter, qos);
    setTopicFilter("");
  };
  return (
    <section class="panel" aria-labelledby="subscriptions-title">
      <div class="panel-head">
        <h2 id="subscriptions-title">Subscriptions</h2>
      </div>
      {all.length === 0 && <p class="empty">No subscriptions. Subscribe to # to receive all topics.</p>}
      <ul class="subscriptions">
        {all.map((subscription) => (
          <SubscriptionRow
            key={subscription.topicFilter}
            subscription={subscription}
            recolour={() => connection.model.recolour(subscription.topicFilter)}
            remove={() => connection.unsubscribe(subscription.topicFilter)}
          />
        ))}
      </ul>
      <form
        class="subscribe"
        onSubmit={(event) => {
          event.preventDefault();
          subscribe();
        }}
      >
        <label class="field">
          <span class="field-label">Topic filter</span>
          <input
            type="text"
            name="topic-filter"
            spellcheck={false}
            autocomplete="off"
            placeholder="devices/+/status"
            value={topicFilter}
            onInput={(event) => setTopicFilter(event.currentTarget.value)}
          />
        </label>
        <div class="publish-options">
          <QosChoice name="subscription-qos" qos={qos} choose={setQos} />
          <button type="submit" class="button">
            Subscribe
          </button>
        </div>
        <p class="outcome alarm" role="status">
          {problem}
        </p>
      </form>
    </section>
  );
}

const TOO_MANY = `This page allows up to ${SUBSCRIPTIONS_MAX} subscriptions per connection. Remove one first.`;

interface SubscriptionRowProps {
  readonly subscription: Subscription;
  readonly recolour: () => void;
  readonly remove: () => void;
}

function SubscriptionRow({ subscription, recolour, remove }: SubscriptionRowProps) {
  const { topicFilter, colour } = subscription;
  return (
    <li class="subscription" data-filter={topicFilter}>
      <button
        type="button"
        class="colour-button"
        aria-label={`Change the colour of ${topicFilter} (now colour ${colour})`}
        title="Change colour"
        onClick={recolour}
      >
        <span class={`swatch swatch--series-${colour}`} aria-hidden="true" />
      </button>
      <code class="subscription-filter">{topicFilter}</code>
      <span class={isRefused(subscription) ? "quiet alarm" : "quiet"}>{stateText(subscription)}</span>
      <RemoveButton label={`Unsubscribe from ${topicFilter}`} remove={remove} />
    </li>
  );
}

function isRefused({ state }: Subscription): boolean {
  return state === "refused" || state === "ended";
}

function stateText({ state, qos, grantedQos }: Subscription): string {
  if (state === "refused") return "refused by the hub";
  if (state === "ended") return "refused: the hub ends the connection on this subscription";
  if (state === "asked") return `QoS ${qos}, not yet granted`;
  return grantedQos === qos ? `QoS ${qos}` : `QoS ${grantedQos} (requested ${qos})`;
}
