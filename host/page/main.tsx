import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import "./messages/messages.css";
import "./plots/plots.css";
import "./devices/devices.css";
import "./devices/devices-view.css";
import "./wire/wire.css";
import "./simulated/simulated.css";
import "./board/board.css";
import { App } from "./app.tsx";
import { deviceConnection, ownConnection } from "./connection/connection-settings.ts";
import { Connections } from "./connection/connections.ts";
import { ControlClient } from "./connection/control-client.ts";
import { takeToken } from "./connection/token.ts";
import { watchPresses } from "./controls/press.ts";
import { SimulatedBoards } from "./model/simulated-boards.ts";
import { ALL_TOPICS, readViewState } from "./model/view-state.ts";
import { WireLog } from "./model/wire-log.ts";

watchPresses(document);
const token = takeToken();
const { subscriptions = ALL_TOPICS, as } = readViewState(location.hash);
const wire = new WireLog();
const own = as === undefined ? ownConnection(token) : deviceConnection(token, as);
const connections = new Connections(own, ({ connection, direction, bytes }) =>
  wire.takeOwn(connection.settings.clientId, direction, bytes, Date.now()),
);
for (const { topicFilter, qos } of subscriptions) connections.shown.subscribe(topicFilter, qos);
const root = document.getElementById("page");
if (!root) throw new Error('index.html has no element "page".');
const boards = new SimulatedBoards();
const control = new ControlClient(token);
render(<App connections={connections} wire={wire} boards={boards} control={control} />, root);
connections.shown.open();
