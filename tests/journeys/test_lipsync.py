"""A flash and a beep on one clock in a real browser: in the film they are still together."""

import time

import av
import numpy as np

from tests.journeys import mixed as rooms

BEEPS = 5
TOGETHER_MS = 80
LOUD, BRIGHT = 0.05, 140
CLAPPER = """
(() => {
  const canvas = document.createElement('canvas');
  canvas.width = 320; canvas.height = 240;
  const draw = canvas.getContext('2d');
  let sound = null, began = 0;
  function start() {
    if (sound) return;
    sound = new AudioContext();
    const gain = sound.createGain(), tone = sound.createOscillator();
    gain.gain.value = 0;
    tone.frequency.value = 1000;
    tone.connect(gain);
    sound.out = sound.createMediaStreamDestination();
    gain.connect(sound.out);
    tone.start();
    began = sound.currentTime + 1;
    for (let n = 0; n < 600; n++) {
      gain.gain.setValueAtTime(0.8, began + n);
      gain.gain.setValueAtTime(0, began + n + 0.2);
    }
    setInterval(() => {
      const now = sound.currentTime - began;
      const lit = now >= 0 && now % 1 < 0.2;
      draw.fillStyle = lit ? '#fff' : '#000';
      draw.fillRect(0, 0, 320, 240);
      draw.fillStyle = '#444';
      draw.fillRect(Math.floor(performance.now() / 10) % 300, 230, 8, 8);
    }, 16);
  }
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    start();
    await sound.resume();
    const tracks = [];
    if (wanted.video) tracks.push(...canvas.captureStream(30).getVideoTracks());
    if (wanted.audio) tracks.push(...sound.out.stream.clone().getAudioTracks());
    return new MediaStream(tracks);
  };
})();
"""


def begins(moments, strong):
    """When something begins: the first strong moment after at least 0.4 s without one."""
    found, last = [], -1.0
    for at, value in moments:
        if value > strong:
            if at - last > 0.4 and last >= 0:
                found.append(at)
            last = at
    return found


def sounds(film):
    with av.open(str(film)) as found:
        for frame in found.decode(audio=0):
            wave = frame.to_ndarray().astype(float)
            wave = wave / 32768 if frame.format.name.startswith("s16") else wave
            for part in range(0, wave.shape[-1] - 239, 240):
                level = float(np.abs(wave[..., part : part + 240]).mean())
                yield frame.time + part / 48_000, level


def pictures(film):
    with av.open(str(film)) as found:
        for frame in found.decode(video=0):
            yield frame.time, float(frame.to_ndarray(format="gray")[:200].mean())


def offsets(film):
    """Milliseconds by which each beep is later than its flash."""
    beeps = begins(sounds(film), LOUD) or [0.0]
    flashes = [at for at in begins(pictures(film), BRIGHT) if at <= beeps[-1]]
    nearest = [min(beeps, key=lambda beep, flash=flash: abs(beep - flash)) for flash in flashes]
    return [1000 * (beep - flash) for beep, flash in zip(nearest, flashes, strict=True)]


def seat_film(served, seat):
    return max(
        served.where.data.glob(f"recordings/*/{seat}.*.webm"), key=lambda p: p.stat().st_size
    )


def test_a_flash_and_its_beep_are_together_in_the_film(served, people, appointment):
    def person(*args, **more):
        page = people(*args, **more)
        if more.get("phone"):
            page.context.add_init_script(CLAPPER)
        return page

    room = rooms.sit_down(served, person, appointment)
    try:
        film, deadline = seat_film(served, "a1"), time.monotonic() + 40
        while len(measured := offsets(film)) < BEEPS:
            assert time.monotonic() < deadline, measured
            room.phone.page.wait_for_timeout(500)
    finally:
        room.leave()
    assert abs(np.median(measured)) <= TOGETHER_MS, measured
