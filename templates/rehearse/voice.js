// The voice: what the microphone hears goes to the server on this machine, which says where in the
// script it is; the script follows. A guest of the page: without it the page is the same.

const AT_EVERY_MS = 1000; // the server is told where the clock is
const QUIET_DB = -60; // the meter's beginning
const WARNING_MS = 10_000; // for which it is shown

/** @type {Record<string, string>} */
const TROUBLES = {
  silent: tr("The microphone is silent: is it muted, or the wrong one?"),
  clipped: tr("The microphone is too loud: turn it down, or hold it further away."),
  foreign: tr("Nothing of the script is heard: is it the right talk, and its language?"),
  behind: tr("The recogniser is late: close what else is at work on this machine."),
  taken: tr("Another window has the voice: end it there, then press V here."),
  disk: tr("The sound isn’t kept any more: the disk is full."),
  failed: tr("The recogniser has ended by itself, and begins anew."),
  broken: tr("The recogniser doesn’t work, the terminal says why. The rehearsal goes on."),
  lost: tr("What was said could not be kept."),
};
const OFF = tr("Voice off: V");
const KEPT = tr("Recorded in the log, and beside it what was said.");

class Voice {
  #mark = new VoiceMark();
  #microphone = new Microphone(
    (frame) => this.#hear(frame),
    () => this.#unplugged(),
  );
  #line = new VoiceLine(
    (message) => this.#take(message),
    () => this.#tell(true),
    (isFirst) => this.#lost(isFirst),
  );
  #isOn = false; // wanted by the speaker
  #isReady = false; // the recogniser
  #isLate = false; // it is: what it hears was said seconds ago
  #trouble = "";
  #warned = ""; // of which the speaker was told
  /** @type {VoicePlace | null} */
  #place = null;
  #told = ""; // to the server, of where the talk is
  #toldAt = -Infinity;
  #caption = "";

  /** @param {RehearsalStage} stage */
  constructor(stage) {
    this.stage = stage;
    this.#mark.show(OFF);
    this.#mark.button.onclick = () => {
      this.#mark.button.blur(); // the space bar goes on being an advance
      this.toggle();
    };
  }

  toggle() {
    const { now, say } = this.stage;
    if (this.#isOn) {
      this.#end();
      say(tr("The microphone is closed."));
    } else if (now().mode === "ended") say(tr("It has ended. R begins anew."));
    else this.#begin();
  }

  async #begin() {
    const { say } = this.stage;
    this.#isOn = true;
    this.#line.close(); // of a talk that has ended
    this.#mark.show(tr("opening …"));
    const refused = await this.#microphone.open();
    if (refused === undefined) return; // ended meanwhile
    if (refused) {
      this.#end();
      return say(refused, "", WARNING_MS);
    }
    say(tr("The microphone is open. What it hears stays on this machine. V closes it."));
    this.#line.open();
  }

  /** When the talk has ended the line stays: the server has still something to say. */
  #end() {
    this.#isOn = false;
    this.#microphone.close();
    if (this.stage.now().mode !== "ended") this.#line.close();
    this.#line.isWanted = false;
    this.#letGo();
    this.#mark.show(OFF);
  }

  /** The script scrolls as it did before. */
  #letGo() {
    this.#isReady = this.#isLate = false;
    this.#place = null;
    this.#trouble = this.#warned = "";
    this.stage.prompter.isLed = false;
    this.stage.prompter.follow(null);
    this.#say("", 0);
  }

  #unplugged() {
    this.#end();
    const gone = tr("The microphone is gone: plug it in, then press V. The rehearsal goes on.");
    this.stage.say(gone, "", WARNING_MS);
  }

  /** @param {boolean} isFirst */
  #lost(isFirst) {
    this.#letGo();
    if (!isFirst) return;
    this.stage.say(tr("The server is gone. The rehearsal goes on; the voice waits for it."));
  }

  /** @param {VoiceMessage} message */
  #take(message) {
    if (message.type === "ready") this.#isReady = true;
    if (message.type === "place") this.#place = message;
    if (message.type === "trouble") {
      if (message.what === "behind" || !message.what) this.#isLate = message.what === "behind";
      this.#fail(message.what);
    }
    if (message.type === "kept") {
      // It comes by another way than the answer to the record, and may overtake that.
      this.stage.sent().then(() => this.stage.say(KEPT, "", Infinity));
      this.#line.close();
    }
  }

  /** @param {string} what "" where it is over */
  #fail(what) {
    this.#trouble = what;
    if (what === "failed") this.#isReady = false;
    this.#warn();
    if (what === "taken" || what === "broken") this.#end();
  }

  /** Says what is wrong, once; that nobody speaks yet isn't. */
  #warn() {
    const isEarly = this.#trouble === "silent" && this.stage.now().mode === "idle";
    const trouble = isEarly ? "" : this.#trouble;
    if (trouble && trouble !== this.#warned) {
      this.stage.say(TROUBLES[trouble] ?? trouble, "", WARNING_MS);
    }
    this.#warned = trouble;
  }

  /**
   * Tells the server where the talk is: at each change, and from time to time.
   * @param {boolean} [isNew] the server knows nothing yet
   */
  #tell(isNew = false) {
    const { now, isLive } = this.stage;
    const at = now();
    const what = JSON.stringify({ ...at, at_s: 0 });
    const isDue = isNew || performance.now() - this.#toldAt > AT_EVERY_MS;
    if (!this.#line.isOpen || (what === this.#told && !isDue)) return;
    this.#line.send(JSON.stringify({ type: "at", live: isLive, ...at }));
    this.#told = what;
    this.#toldAt = performance.now();
  }

  /** Whether the voice is the speaker's: no questions of the audience are listened to. */
  get #isHeard() {
    const { mode } = this.stage.now();
    return mode === "running" || mode === "idle";
  }

  /** @param {SoundFrame} frame */
  #hear({ buffer, level, peak }) {
    this.#mark.measure((level - QUIET_DB) / -QUIET_DB, peak >= 0.999);
    const { load } = this.#line;
    if (load === "late") this.#fail("behind");
    if (load === "full") {
      this.#end();
      this.stage.say(tr("The server takes no more sound: the voice has ended. V tries again."));
    } else if (this.#isHeard) this.#line.send(buffer);
  }

  // --- Ten times a second ------------------------------------------------------------------------

  shown() {
    const { now, prompter } = this.stage;
    const { mode, slide } = now();
    this.#tell();
    if (!this.#isOn) return;
    if (mode === "ended") return this.#end();
    this.#microphone.wake();
    this.#warn();
    prompter.isLed = this.#isReady && this.#line.isOpen;
    const place = this.#isHeard && !this.#place?.lost ? this.#place : null;
    if (place?.slide === slide) prompter.follow(place);
    const isLate = this.#isLate || this.#line.load === "late"; // that would be said long ago
    const isSaid = place && mode === "running" && !isLate;
    this.#say(isSaid ? place.text : "", isSaid ? place.within : 0);
    this.#mark.show(this.#state());
  }

  /**
   * To the audience, where it wants captions.
   * @param {string} text
   * @param {number} share of it that was said
   */
  #say(text, share) {
    const caption = `${text}${Math.round(share * 20)}`;
    if (caption !== this.#caption) this.stage.captions.say(text, share);
    this.#caption = caption;
  }

  #state() {
    if (!this.#line.isOpen) return tr("waits for the server");
    if (!this.#isReady) return tr("the recogniser starts …");
    if (this.#microphone.isMuted) return TROUBLES.silent;
    if (!this.#isHeard) return tr("waits for the clock");
    if (this.#warned) return TROUBLES[this.#warned] ?? this.#warned;
    const place = this.#place;
    if (!place || place.lost) return tr("waits for words of the script");
    const { data, now } = this.stage;
    if (place.slide === now().slide) return tr("open: stays on this machine");
    const found = data.slides.find(({ name }) => name === place.slide);
    if (!found) return tr("in the closing words");
    return tr("on slide {number}", { number: found.number });
  }
}

/** What shows whether the microphone is open, where the sound goes, and how loud it is. */
class VoiceMark {
  #meter = element("i");
  #text = element("span", { className: "state" });

  button = element(
    "button",
    { id: "voice" },
    element("span", { className: "sign" }),
    element("span", { className: "meter" }, this.#meter),
    this.#text,
  );

  constructor() {
    find("header").insertBefore(this.button, find("#audience-state"));
  }

  /** @param {string} state */
  show(state) {
    if (this.#text.textContent === state) return;
    this.#text.textContent = state;
    const name = state === OFF ? tr("V opens the microphone") : `${tr("Microphone")}: ${state}`;
    this.button.title = name; // there may be no room for all of it
    this.button.classList.toggle("open", state !== OFF);
    if (state === OFF) this.measure(0, false);
  }

  /** @param {number} level from 0 to 1 @param {boolean} isClipped */
  measure(level, isClipped) {
    this.#meter.style.width = `${100 * Math.max(0, Math.min(1, level))}%`;
    this.button.classList.toggle("clipped", isClipped);
  }
}

/** @param {RehearsalStage} stage */
function joinVoice(stage) {
  const { commands, keys, prompter, say } = stage;
  const voice = new Voice(stage);
  const { scroll } = commands;
  commands.voice = () => voice.toggle();
  commands.scroll = () => {
    if (prompter.isLed) say(tr("The script follows the voice. V ends that."));
    else scroll();
  };
  const does = tr("Open the microphone: the script follows the voice; close it");
  const last = keys.findIndex(([, , command]) => command === "help");
  keys.splice(last, 0, [["v"], "V", "voice", does, tr("Voice")]);
  document.addEventListener("rehearsal-shown", () => voice.shown());
}

document.addEventListener("rehearsal", ({ detail }) => joinVoice(detail), { once: true });
