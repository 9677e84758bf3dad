// What carries the frames: the page's own WebSocket, or one that lives in a worker and looks the same from here.

import { own, settings } from "./words.js";

class WorkerLine {
  constructor(address) {
    this.readyState = WebSocket.CONNECTING;
    this.worker = new Worker(new URL("line_worker.js", import.meta.url));
    this.worker.onmessage = ({ data }) => {
      if (data.type === "open") this.readyState = WebSocket.OPEN;
      if (data.type === "close") this.#end();
      this[`on${data.type}`]?.(data);
    };
    this.worker.postMessage({ open: address });
  }

  #end() {
    this.readyState = WebSocket.CLOSED;
    this.worker.terminate();
  }

  send(frame) {
    this.worker.postMessage({ frame });
  }

  close() {
    if (this.readyState === WebSocket.OPEN) this.worker.postMessage({ close: true });
    else {
      this.#end();
      setTimeout(() => this.onclose?.());
    }
  }
}

const Line = (own.line ?? settings.linked?.line) === "worker" ? WorkerLine : WebSocket;

export const openLine = (address) => new Line(address);
