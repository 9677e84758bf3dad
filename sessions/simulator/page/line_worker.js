// The connection in a worker of its own, as newer builds have it: the page never holds the socket.

let socket = null;

onmessage = ({ data }) => {
  if (data.open) {
    socket = new WebSocket(data.open);
    socket.onopen = () => postMessage({ type: "open" });
    socket.onmessage = (frame) => postMessage({ type: "message", data: frame.data });
    socket.onclose = () => postMessage({ type: "close" });
  } else if (data.close) socket.close();
  else socket.send(data.frame);
};
