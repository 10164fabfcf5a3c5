/** QoS 2 for an app, as "motekit/qos2". */
import type {} from "./device.ts";

declare module "./device.ts" {
  interface QosLevels {
    2: true;
  }
}

/** Call it before `start`: messages of QoS 2 may then be published and subscribed to. */
export { useQos2 } from "./mqtt/qos2.ts";
