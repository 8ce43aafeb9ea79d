// A run: the clock's state kept in the browser at each event and each second, and its record, which
// goes to the server that served the page, or stays here until it is downloaded.

const FRESH_MS = 12 * 3600 * 1000; // an unfinished run that is older is not gone on with
const OLD_MS = 30 * 24 * 3600 * 1000;
const OPEN_MS = 3000; // saved so lately: a window has it open
const SEND_MS = 8000;
const LONGEST = 1000; // letters of a server's answer that are shown

const local = storage("localStorage");
const session = storage("sessionStorage");

/** @param {string} talk */
const runPrefix = (talk) => `talk-run:${talk}:`;

/** @param {string} prefix */
const keysFrom = (prefix) => local.keys().filter((key) => key.startsWith(prefix));

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Resolves to true if no other window has this run open; keeps it until the page is gone.
 * @param {string} id
 * @returns {Promise<boolean>}
 */
function claimRun(id) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const taken = navigator.locks.request(`talk-run:${id}`, { ifAvailable: true }, (lock) => {
      resolve(!!lock);
      return lock ? new Promise(() => {}) : undefined;
    });
    taken.catch(() => resolve(true));
  });
}

/**
 * A page that is loaded again may find its own lock for a moment.
 * @param {string} id
 * @param {boolean} isOwn
 */
async function isClaimed(id, isOwn) {
  for (let attempt = 0; attempt < (isOwn ? 4 : 1); attempt += 1) {
    if (await claimRun(id)) return true;
    await sleep(100);
  }
  return false;
}

/**
 * What was saved of a run of this script, if it can be gone on with.
 * @param {TalkData} data
 * @param {string} id
 * @returns {KeptRun | null}
 */
function savedRun(data, id) {
  /** @type {KeptRun | null} */
  const kept = parsed(local.get(runPrefix(data.talk) + id));
  if (!kept || !Array.isArray(kept.state?.visits) || !Number.isFinite(kept.seen)) return null;
  const isOf = kept.slides === data.slides.length && kept.state.at < kept.slides;
  return isOf && Date.now() - kept.saved <= FRESH_MS ? kept : null;
}

/**
 * The run to go on with: this window's, or the last one that was not ended and is open nowhere.
 * @param {TalkData} data
 */
async function resumeRun(data) {
  const prefix = runPrefix(data.talk);
  const own = session.get(`talk-run:${data.talk}`);
  const others = keysFrom(prefix)
    .map((key) => key.slice(prefix.length))
    .filter((id) => id !== own)
    .map((id) => ({ id, kept: savedRun(data, id) }))
    .filter(({ kept }) => kept?.state.started && kept.state.mode !== "ended")
    .sort((a, b) => Number(b.kept?.saved) - Number(a.kept?.saved));
  const ids = others.map(({ id }) => id);
  for (const id of own ? [own, ...ids] : ids) {
    const kept = savedRun(data, id);
    const isOpen = !navigator.locks && id !== own && Date.now() - Number(kept?.saved) < OPEN_MS;
    if (kept && !isOpen && (await isClaimed(id, id === own))) return kept;
  }
  return null;
}

/** @param {string} talk */
function forgetOldRuns(talk) {
  for (const key of keysFrom(runPrefix(talk))) {
    const kept = parsed(local.get(key));
    if (!kept || Date.now() - kept.saved > OLD_MS) local.drop(key);
  }
}

/**
 * Whether the browser keeps it.
 * @param {string} talk
 * @param {KeptRun} kept
 */
function keepRun(talk, kept) {
  session.set(`talk-run:${talk}`, kept.id);
  return local.set(runPrefix(talk) + kept.id, JSON.stringify(kept));
}

/** @param {number} ms */
const seconds = (ms) => Math.round(ms / 100) / 10;

/**
 * A state as the log keeps it: slides by name, times in seconds.
 * @param {TalkData} data
 * @param {ClockState} state
 * @param {string} cut
 * @returns {RehearsalRecord}
 */
function recordOf(data, state, cut) {
  const { slides, pace_wpm: paceWpm } = data;
  /** @param {Stay[]} stays */
  const named = (stays) =>
    stays.map(({ slide, at, ms }) => ({
      slide: slides[slide].name,
      at_s: seconds(at),
      seconds: seconds(ms),
    }));
  return {
    format: 1,
    id: state.id,
    talk: data.talk,
    script: data.script,
    cut,
    started: new Date(Number(state.started)).toISOString(),
    pace_wpm: paceWpm,
    spoken_wpm: spokenPace(data, cutNamed(data, cut), state, paceWpm),
    slides: Object.fromEntries(slides.map(({ name, version }) => [name, version])),
    visits: named(state.visits),
    pauses: named(state.pauses),
    skips: state.skips.map(({ slide, part, gain }) => ({
      slide: slides[slide].name,
      part,
      gain_s: gain,
    })),
    total_s: seconds(talkMs(state)),
    q_and_a_s: seconds(state.qa),
  };
}

/**
 * Sends a record; resolves to null when it was kept, otherwise to the reason, empty over file://.
 * @param {RehearsalRecord} record
 * @returns {Promise<string | null>}
 */
async function sendRecord(record) {
  if (!/^https?:$/.test(location.protocol)) return "";
  try {
    const answer = await fetch("rehearsals", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(record),
      signal: AbortSignal.timeout(SEND_MS),
    });
    const text = (await answer.text()).slice(0, LONGEST);
    if (answer.ok) return null;
    const error = parsed(text)?.error;
    if (typeof error === "string") return error;
    return tr("the server said {status}", { status: answer.status });
  } catch {
    return tr("the server doesn't answer");
  }
}

/**
 * Records that no server took yet.
 * @param {string} talk
 */
function createUnsent(talk) {
  const prefix = `talk-unsent:${talk}:`;
  /** @type {Map<string, RehearsalRecord>} */
  const here = new Map();
  return {
    /** @param {RehearsalRecord} record */
    add(record) {
      here.set(record.id, record);
      local.set(prefix + record.id, JSON.stringify(record));
    },
    /** @param {string} id */
    drop(id) {
      here.delete(id);
      local.drop(prefix + id);
    },
    all() {
      const stored = keysFrom(prefix).map((key) => parsed(local.get(key)));
      const found = new Map(here);
      for (const record of stored) if (record?.id) found.set(record.id, record);
      return [...found.values()];
    },
  };
}

/**
 * @param {string} talk
 * @param {RehearsalRecord[]} records
 */
function downloadRecords(talk, records) {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  const href = URL.createObjectURL(new Blob([lines], { type: "application/jsonl" }));
  const when = records[records.length - 1].started.slice(0, 19).replace(/[:T]/g, "-");
  element("a", { href, download: `${talk}-${when}.jsonl` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}
