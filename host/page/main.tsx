import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import "./devices.css";
import "./streams.css";
import { App } from "./app.tsx";
import { HubConnection } from "./hub-connection.ts";
import { HubModel } from "./model/hub-model.ts";

const model = new HubModel();
const scheme = location.protocol === "https:" ? "wss" : "ws";
const connection = new HubConnection(`${scheme}://${location.host}/mqtt`, model);
const root = document.getElementById("page");
if (!root) throw new Error('index.html has no element "page".');
render(<App model={model} connection={connection} />, root);
connection.open();
