// The open deck and the preview's server: changes come over a socket; faults stand over the slide.

const { version: firstVersion, frame } = /** @type {HTMLScriptElement} */ (document.currentScript)
  .dataset;
const hasDeck = "Reveal" in window; // otherwise the page only says what is wrong with it

/** A box over the deck that is there while something is wrong, and a word in the corner. */
function createNotices() {
  const fault = element("div", { className: "live-fault", role: "alert" });
  const word = element("p", { className: "live-word", role: "status" });
  return {
    /** @param {Fault} found */
    showFault({ where, message, hint }) {
      fault.replaceChildren(
        element("p", { className: "where" }, where),
        element("p", { className: "what" }, message),
        ...(hint ? [element("p", { className: "hint" }, hint)] : []),
      );
      document.body.append(fault);
    },
    hideFault: () => fault.remove(),
    /** @param {string} text */
    say(text) {
      word.textContent = text;
      if (text) document.body.append(word);
      else word.remove();
    },
  };
}

const { showFault, hideFault, say } = createNotices();
/** @type {Record<string, string>} */
const knownSlides = {};
let version = firstVersion;
let waitMs = 200;
let isLeaving = false;
/** @type {WebSocket | undefined} */
let socket;

function reload() {
  if (isLeaving) return;
  isLeaving = true;
  location.reload();
}

/** @param {Patch} patch */
function takePatch(patch) {
  let isApplied = false;
  try {
    isApplied = patch.frame === frame && applyPatch(patch, knownSlides);
  } catch (error) {
    console.error(error);
  }
  if (isApplied) version = patch.version;
  else reload();
}

/** @param {LiveMessage} message */
function hearServer(message) {
  if (message.type === "patch") takePatch(message);
  if (message.type === "fault") showFault(message);
  if (message.type === "mended") hideFault();
  if (message.type === "font" && message.reload) reload();
  else if (message.type === "font") loadFont();
  if (message.type === "demo") hearDemo(message);
  if (message.type === "training") hearTraining(message);
  if (message.type === "hello") {
    hearDemo(message.demo);
    hearTraining(message.training);
  }
}

function loseServer() {
  if (isLeaving) return;
  say(tr("preview: waiting for the server"));
  hearDemo({ name: "gone", note: "" });
  loseTraining();
  setTimeout(connect, waitMs);
  waitMs = Math.min(2000, waitMs * 1.5);
}

/** @param {Record<string, FitFault[]>} found */
function tellFit(found) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(found));
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss://" : "ws://";
  socket = new WebSocket(`${scheme}${location.host}/live/socket?have=${version}`);
  socket.onopen = () => {
    waitMs = 200;
    say("");
    tellFit(fitFaults); // what was measured before it was open
  };
  socket.onmessage = ({ data }) => hearServer(JSON.parse(data));
  socket.onclose = loseServer;
}

function begin() {
  connect();
  if (!hasDeck) return;
  startDemo();
  startFit(tellFit);
}

addEventListener("pagehide", () => {
  isLeaving = true;
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
if (!hasDeck || Reveal.isReady()) begin();
else Reveal.on("ready", begin);
