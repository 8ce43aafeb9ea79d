// Phones as remotes. The server passes on what they say; this page does it by its own commands, or
// says why not: a press counts once, soon, and only at the place where it was pressed.

const LATE_MS = 2000; // a press that was on its way for longer is none any more
const RETRY_MS = 500;
const ASK_MS = 1000; // whether the window that has the phones is gone
const MOST_RUNS = 20; // pages of phones whose last press is known
const MOST_LETTERS = 40000; // of a slide's script
const REPLACED = 4002; // as of pipeline/serve/remote.py

class Phones {
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<number, number>} phone -> when it was heard */
  #heard = new Map();
  /** @type {Map<string, number>} a phone's page -> its last press */
  #taken = new Map();
  #tick = ""; // what was told last, in whole seconds
  #script = "";
  #isElsewhere = false; // another window has them
  #asked = 0;
  /** @type {{ link: string, picture: string, refused: number } | null} */
  #code = null;

  /** @param {RehearsalStage} stage */
  constructor(stage) {
    this.stage = stage;
    this.state = element("p", { id: "phone-state" });
    find("header").insertBefore(this.state, find("#wall"));
    this.box = phoneDialog((phone) => this.#post({ type: "unpair", to: phone }));
    document.body.append(this.box);
    document.addEventListener("rehearsal-shown", ({ detail }) => this.#show(detail));
    setInterval(() => this.#open(), RETRY_MS);
    this.#open();
  }

  /** The code, large. */
  open() {
    this.#isElsewhere = false;
    this.#open();
    this.#post({ type: "code" });
    if (!this.box.open) this.box.showModal();
    this.#showBox();
  }

  #open() {
    let isAsking = this.#isElsewhere;
    if (this.#socket || (isAsking && performance.now() - this.#asked < ASK_MS)) return;
    this.#asked = performance.now();
    const free = isAsking ? "&if=free" : "";
    const socket = new WebSocket(`ws://${location.host}/phone?as=page${free}`);
    socket.onopen = () => {
      this.#tick = "";
      this.#post({ type: "code" });
    };
    socket.onmessage = ({ data }) => {
      isAsking = false; // it has them
      this.#isElsewhere = false;
      this.#hear(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      this.#socket = null;
      this.#heard.clear();
      const said = tr("Another window has the phones. H brings them here.");
      if (code !== REPLACED || isAsking) return; // asked, and the other one has them still
      this.#isElsewhere = true;
      this.stage.say(said);
    };
    this.#socket = socket;
  }

  /** @param {object} message */
  #post(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** @param {FromRemote} message */
  #hear(message) {
    if ("phone" in message) this.#heard.set(message.phone, performance.now());
    if (message.type === "phones") this.#know(message.phones);
    if (message.type === "code") this.#code = message;
    if (message.type === "came") this.#tellAll(message.phone);
    if (message.type === "ping") this.#tell(message.phone);
    if (message.type === "press") this.#take(message);
    if (message.type === "pointer") {
      const { x, y, on } = message;
      this.stage.pair.post({ type: "pointer", x, y, on });
    }
    this.#showBox();
  }

  /** @param {number[]} phones */
  #know(phones) {
    const before = this.#heard;
    this.#heard = new Map(phones.map((one) => [one, before.get(one) ?? performance.now()]));
    const isNew = phones.some((one) => !before.has(one));
    if (isNew && this.box.open) {
      this.box.close();
      this.stage.say(tr("A phone is paired."));
    }
  }

  // --- What a phone asks -------------------------------------------------------------------------

  /** @param {PhonePress} press */
  #take({ phone, run, n, does, at, when }) {
    if (n <= (this.#taken.get(run) ?? 0)) return;
    this.#taken.delete(run);
    this.#taken.set(run, n);
    if (this.#taken.size > MOST_RUNS) this.#taken.delete([...this.#taken.keys()][0]);
    const age = performance.now() - when;
    const isThere = at === this.#placeOf(does);
    const why = Math.abs(age) > LATE_MS ? "late" : isThere ? "" : "place";
    if (!why) this.stage.commands[does]();
    this.#post({ type: "taken", to: phone, n, why });
    this.#tell(phone);
  }

  /** What a press was pressed at, as it is now. @param {string} does */
  #placeOf(does) {
    if (does === "black") return String(this.stage.shown().isBlack);
    return does === "skip" ? this.#skip?.at : this.#at;
  }

  get #at() {
    const { place } = this.stage.shown();
    return `${place.slide}/${place.step}`;
  }

  get #skip() {
    const { skip } = this.stage.view();
    return skip ? { at: `${skip.slide}/${skip.part}`, part: skip.part, gain: skip.gain } : null;
  }

  // --- What phones are told ----------------------------------------------------------------------

  /** @param {View} view */
  #show(view) {
    this.#showState();
    if (!this.#heard.size) return;
    this.#tellScript();
    const { now, spent, elapsed, behind, ...rest } = this.#state(view);
    // The clocks go on by themselves there: told anew is what else changes, and each second.
    const tick = JSON.stringify([rest, Math.floor(elapsed), Math.floor(spent)]);
    if (tick === this.#tick) return;
    this.#tick = tick;
    this.#post({ now, spent, elapsed, behind, ...rest });
  }

  /** @param {View} view */
  #state({ mode, spent, slot, elapsed, total, behind, word }) {
    const { place, after, isBlack } = this.stage.shown();
    const rows = findAll("#prompter .lines > *");
    return {
      type: "state",
      now: performance.now(),
      at: this.#at,
      size: getComputedStyle(document.documentElement).getPropertyValue("--slide"),
      place,
      next: after,
      title: find("#now-title").textContent,
      then: find("#next-title").textContent,
      isBlack, mode, spent, slot, elapsed, total, behind, word,
      skip: this.#skip,
      read: rows.findIndex((row) => row.classList.contains("now")),
    };
  }

  /** @param {number} phone */
  #tell(phone) {
    this.#post({ ...this.#state(this.stage.view()), to: phone }); // a hidden tab's last may be old
  }

  /** @param {number} phone */
  #tellAll(phone) {
    this.#tellScript(phone);
    this.#tell(phone);
  }

  /** Where it is another one: to all; to a phone that came in any case. @param {number} [to] */
  #tellScript(to) {
    let letters = 0;
    const rows = findAll("#prompter .lines > *").map(lineOf);
    const lines = rows.filter(([, text]) => (letters += text.length) < MOST_LETTERS);
    const message = { type: "script", of: this.#slide, lines };
    if (to) return this.#post({ ...message, to });
    const script = JSON.stringify(message);
    if (script !== this.#script) this.#post(message);
    this.#script = script;
  }

  /** The slide that the script is of. */
  get #slide() {
    return String(this.stage.shown().place.slide);
  }

  // --- What the speaker sees ---------------------------------------------------------------------

  #showState() {
    const now = performance.now();
    const ages = [...this.#heard.values()].map((heard) => (now - heard) / 1000);
    const age = Math.round(Math.max(...ages));
    const isThere = this.#socket?.readyState === WebSocket.OPEN && !this.#isElsewhere;
    const away = this.#isElsewhere ? tr("Phones: in another window") : tr("Phones: no server");
    let text = isThere ? tr("No phone: H") : away;
    if (ages.length) {
      const count = trMany("{n} phone", "{n} phones", ages.length);
      text = age < 3 ? `${count} ✓` : tr("{phones}, silent for {age} s", { phones: count, age });
    }
    if (this.state.textContent !== text) this.state.textContent = text;
  }

  #showBox() {
    if (this.box.open) fillPhoneDialog(this.box, this.#code, [...this.#heard.keys()]);
  }
}

/**
 * A line of the script as a phone shows it.
 * @param {HTMLElement} row
 */
function lineOf(row) {
  const parts = [...row.childNodes].map(({ textContent }) => textContent).join(" ");
  const text = row.tagName === "PRE" ? row.textContent : parts.replace(/\s+/g, " ");
  return [row.className.replace(/\bnow\b/, "").trim(), text];
}

/**
 * The dialog with the code, and the phones that are paired.
 * @param {(phone: number) => void} unpair
 */
function phoneDialog(unpair) {
  const close = element("form", { method: "dialog" }, element("button", {}, tr("Close")));
  const box = element(
    "dialog",
    { id: "phones", ariaLabel: tr("Phone") },
    close,
    element("h2", {}, tr("Phone as a remote")),
    element("p", { className: "how" }),
    element("img", { alt: tr("QR code") }),
    element("p", { className: "link" }),
    element("p", { className: "known" }),
    element("p", { className: "refused" }),
  );
  box.addEventListener("click", ({ target }) => {
    const phone = target instanceof HTMLElement ? target.dataset.phone : "";
    if (phone) unpair(Number(phone));
  });
  return box;
}

/**
 * @param {HTMLDialogElement} box
 * @param {{ link: string, picture: string, refused: number } | null} code
 * @param {number[]} phones
 */
function fillPhoneDialog(box, code, phones) {
  const advice = tr("Turn on the phone’s own hotspot, join it with this machine, press H again.");
  const alone = tr("This machine is in no network.");
  const scan = tr("Scan it: it is good once.");
  const apart = tr("If no page opens, the network keeps its devices apart.");
  const how = code?.link ? `${scan} ${apart} ${advice}` : `${alone} ${advice}`;
  find(".how", box).textContent = code ? how : tr("The server doesn’t answer.");
  const picture = /** @type {HTMLImageElement} */ (find("img", box));
  picture.hidden = !code?.link;
  if (code?.link && picture.src !== code.picture) picture.src = code.picture;
  find(".link", box).textContent = code?.link ?? "";
  const known = find(".known", box);
  if (known.dataset.phones !== String(phones)) {
    known.dataset.phones = String(phones);
    known.replaceChildren(
      ...phones.map((phone) => {
        const made = element("button", {}, tr("Unpair phone {number}", { number: phone }));
        made.dataset.phone = String(phone);
        return made;
      }),
    );
  }
  const count = code?.refused ?? 0;
  find(".refused", box).textContent = count
    ? trMany("{n} wrong code was refused.", "{n} wrong codes were refused.", count)
    : "";
}

document.addEventListener("rehearsal", ({ detail: stage }) => {
  const phones = new Phones(stage);
  stage.commands.phone = () => phones.open();
  const last = stage.keys.findIndex(([, , command]) => command === "help");
  stage.keys.splice(last, 0, [["h"], "H", "phone", tr("Phone as a remote: its code")]);
});
