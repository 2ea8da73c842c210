// @ts-check
// The media of one seat: one connection at a time, renewed whole when it fails, because the server knows
// no ICE restart. Who sits on which received track is told by the server's slots.

const BACKOFF_MS = [300, 1000, 2000, 4000, 8000];
const GATHER_MS = 1500;
const DISCONNECTED_MS = 2000;
const SILENT_TICKS = 4;
export const MOST_OTHERS = 5;
const VIDEO_BITS = 500_000;

/** What a participant may ask of her camera and microphone. */
export const WANTED = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 24 }, facingMode: "user" },
};

export class Link {
  /**
   * @param {object} made
   * @param {(sdp: string) => Promise<{sdp: string, slots: (string | null)[]}>} made.attach sends an offer
   * @param {(status: "connecting" | "up" | "lost") => void} made.status told of every change
   * @param {(seat: string, stream: MediaStream) => void} made.stream told when a seat's tracks change
   */
  constructor(made) {
    this.made = made;
    /** Receive slots: one pair for every other seat, at most 5. */
    this.others = MOST_OTHERS;
    /** @type {RTCPeerConnection | null} */
    this.pc = null;
    /** @type {MediaStream | null} */
    this.local = null;
    /** @type {Map<string, MediaStream>} */
    this.streams = new Map();
    /** @type {(string | null)[]} */
    this.slots = [];
    this.wanted = false;
    this.attempt = 0;
    this.tries = 0;
    this.timer = 0;
    this.bytes = 0;
    this.silent = 0;
    window.setInterval(() => void this.watch(), 1000);
    window.addEventListener("online", () => this.renew(0));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.silent = SILENT_TICKS - 2;
    });
  }

  /**
   * The stream of a seat as it is now, empty until the seat speaks.
   * @param {string} seat
   */
  streamOf(seat) {
    const stream = this.streams.get(seat) ?? new MediaStream();
    this.streams.set(seat, stream);
    return stream;
  }

  /** Connect, or connect anew at once. */
  start() {
    this.wanted = true;
    this.tries = 0;
    this.renew(0);
  }

  stop() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.attempt += 1;
    this.pc?.close();
    this.pc = null;
  }

  /**
   * Send these tracks from now on, without a new connection when there is one.
   * @param {MediaStream | null} stream
   */
  async send(stream) {
    this.local = stream;
    const senders = this.pc?.getTransceivers().slice(0, 2) ?? [];
    for (const [at, kind] of ["audio", "video"].entries()) {
      const track = stream?.getTracks().find((one) => one.kind === kind) ?? null;
      await senders[at]?.sender.replaceTrack(track);
    }
  }

  /** @param {number} [wait] */
  renew(wait = BACKOFF_MS[Math.min(this.tries++, BACKOFF_MS.length - 1)]) {
    if (!this.wanted) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.connect(), wait);
  }

  async connect() {
    const attempt = ++this.attempt;
    this.made.status("connecting");
    this.pc?.close();
    const pc = (this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
    this.silent = 0;
    this.bytes = 0;
    pc.addEventListener("connectionstatechange", () => this.changed(pc));
    try {
      this.describe(pc);
      await offer(pc);
      await gathered(pc);
      const answer = await this.made.attach(pc.localDescription?.sdp ?? "");
      if (attempt !== this.attempt) return;
      await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.place(answer.slots);
      await limit(pc);
      window.setTimeout(() => attempt === this.attempt && pc.connectionState !== "connected" && this.renew(), 8000);
    } catch (error) {
      if (attempt !== this.attempt) return;
      console.warn("attach failed", error instanceof Error ? error.message : error);
      this.made.status("lost");
      this.renew();
    }
  }

  /**
   * Own sound and picture first, then a pair of receivers for every other seat.
   * @param {RTCPeerConnection} pc
   */
  describe(pc) {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const track = this.local?.getTracks().find((one) => one.kind === kind);
      const streams = this.local ? [this.local] : [];
      const made = pc.addTransceiver(track ?? kind, { direction: "sendonly", streams });
      prefer(made, kind);
    }
    for (let slot = 0; slot < this.others; slot += 1) {
      prefer(pc.addTransceiver("audio", { direction: "recvonly" }), "audio");
      prefer(pc.addTransceiver("video", { direction: "recvonly" }), "video");
    }
  }

  /**
   * Put the received tracks into the streams of the seats that speak on them now.
   * @param {(string | null)[]} slots
   */
  place(slots) {
    this.slots = slots;
    const transceivers = this.pc?.getTransceivers() ?? [];
    for (const [slot, seat] of slots.entries()) {
      const tracks = [transceivers[2 + slot * 2], transceivers[3 + slot * 2]].flatMap((one) => (one ? [one.receiver.track] : []));
      if (seat) this.fill(seat, tracks);
    }
  }

  /**
   * Sound at once, the picture when it really comes. A fresh stream for every change: an element keeps
   * waiting when its first track is added later, or when a promised picture never comes.
   * @param {string} seat
   * @param {MediaStreamTrack[]} tracks
   */
  fill(seat, tracks) {
    for (const track of tracks) {
      if (track.kind === "video" && track.muted) track.addEventListener("unmute", () => this.place(this.slots), { once: true });
    }
    const ready = tracks.filter((track) => track.kind === "audio" || !track.muted);
    const known = this.streamOf(seat).getTracks();
    if (known.length !== ready.length || ready.some((track) => !known.includes(track))) {
      this.streams.set(seat, new MediaStream(ready));
    }
    this.made.stream(seat, this.streamOf(seat));
  }

  /** @param {RTCPeerConnection} pc */
  changed(pc) {
    if (pc !== this.pc) return;
    if (pc.connectionState === "connected") {
      this.tries = 0;
      this.made.status("up");
    } else if (pc.connectionState === "failed") {
      this.made.status("lost");
      this.renew();
    } else if (pc.connectionState === "disconnected") {
      this.made.status("lost");
      window.setTimeout(() => pc === this.pc && pc.connectionState === "disconnected" && this.renew(), DISCONNECTED_MS);
    }
  }

  // The state "connected" is no proof of life: a second without one byte from the server is counted.
  async watch() {
    const pc = this.pc;
    if (!pc || pc.connectionState !== "connected" || document.visibilityState !== "visible") return;
    let bytes = 0;
    (await pc.getStats()).forEach((one) => {
      if (one.type === "transport" || one.type === "candidate-pair") bytes += (one.bytesReceived ?? 0) + (one.responsesReceived ?? 0);
    });
    this.silent = bytes > this.bytes ? 0 : this.silent + 1;
    this.bytes = bytes;
    if (this.silent >= SILENT_TICKS) {
      this.silent = 0;
      this.made.status("lost");
      this.renew(0);
    }
  }
}

/**
 * VP8 first, H.264 for phones that have nothing else; the rest would only make the offer long.
 * @param {RTCRtpTransceiver} transceiver
 * @param {"audio" | "video"} kind
 */
function prefer(transceiver, kind) {
  const known = RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? [];
  const order = kind === "audio" ? ["audio/opus"] : ["video/VP8", "video/H264", "video/rtx"];
  const wanted = order.flatMap((type) => known.filter((one) => one.mimeType.toLowerCase() === type.toLowerCase()));
  if (!wanted.length || !transceiver.setCodecPreferences) return;
  try {
    transceiver.setCodecPreferences(wanted);
  } catch {
    // an older browser: its own order will do
  }
}

/**
 * Browsers ask for lost pictures by themselves, for lost sound only when the offer says so.
 * @param {RTCPeerConnection} pc
 */
async function offer(pc) {
  const made = await pc.createOffer();
  const sdp = made.sdp?.replace(/^a=rtpmap:(\d+) opus\/48000\/2\r\n/gm, "$&a=rtcp-fb:$1 nack\r\n");
  try {
    await pc.setLocalDescription({ type: "offer", sdp });
  } catch {
    await pc.setLocalDescription(made); // a browser that takes only its own words
  }
}

/** @param {RTCPeerConnection} pc */
function gathered(pc) {
  return new Promise((resolve) => {
    const end = () => resolve(undefined);
    if (pc.iceGatheringState === "complete") return end();
    pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && end());
    setTimeout(end, GATHER_MS);
  });
}

/** @param {RTCPeerConnection} pc */
async function limit(pc) {
  const sender = pc.getTransceivers()[1]?.sender;
  const parameters = sender?.getParameters();
  if (!sender || !parameters?.encodings?.[0]) return;
  parameters.encodings[0].maxBitrate = VIDEO_BITS;
  await sender.setParameters(parameters).catch(() => undefined);
}
