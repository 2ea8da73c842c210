"""The mediator's page as a person uses it: what is seen and pressed."""

import re

from playwright.sync_api import expect

SLOW = 30_000


class Desk:
    def __init__(self, page, url):
        self.page, self.url = page, url

    def enter(self, sitting):
        self.page.goto(f"{self.url}/m/sittings/{sitting}/room")
        self.page.click("#enter")
        expect(self.page.locator("#start")).to_be_hidden(timeout=SLOW)

    def admit(self, seat):
        self.let_in(seat)
        self.sees_here(seat)

    def let_in(self, seat):
        """Press "let in", once."""
        button = self.page.locator(f"#people [data-seat={seat}] [data-do=admit]")
        button.click(timeout=SLOW)
        expect(button).to_be_hidden(timeout=SLOW)

    def sees_here(self, seat):
        chip = self.page.locator(f"#people [data-seat={seat}] .chip").first
        expect(chip).to_have_text("在场", timeout=SLOW)

    def open(self):
        self.page.click("#open")
        expect(self.page.locator("#open")).to_be_hidden(timeout=SLOW)

    def sees_recording(self):
        expect(self.page.locator("#rec-text")).to_contain_text("录制中", timeout=SLOW)

    def sees_line(self, seat):
        """The numbers of a line: loss, jitter, round trip."""
        numbers = self.page.locator(f"#people [data-seat={seat}] .numbers")
        expect(numbers).to_have_text(
            re.compile(r"丢包 \d+\.\d% · 抖动 \d+ ms · 往返 \d+ ms"), timeout=SLOW
        )

    def confirm(self, seat):
        """Press "same person" until the server has a whole picture and takes the verdict."""
        row = self.page.locator(f"#people [data-seat={seat}]")
        verdict = row.locator(".chip", has_text="本人一致")
        for _ in range(20):
            row.locator("[data-do=id-same]").click()
            try:
                expect(verdict).to_be_visible(timeout=1500)
            except AssertionError:
                continue
            return
        expect(verdict).to_be_visible()

    def advance(self, step):
        expect(self.page.locator("#advance")).to_be_enabled(timeout=SLOW)
        self.page.click("#advance")
        self.sees_step(step)

    def sees_step(self, step):
        row = self.page.locator(f'#steps [data-step="{step}"]')
        expect(row).to_have_attribute("aria-current", "step", timeout=SLOW)

    def put_facts(self, lines):
        self.tab("minutes")
        self.page.fill("#facts-text", "\n".join(lines))
        self.page.click("#facts-form button[type=submit]")
        expect(self.page.locator("#facts li")).to_have_count(len(lines))

    def propose(self, count, payee):
        self.tab("terms")
        self.page.fill("#count", str(count))
        self.page.click("#plan-make")
        self.page.fill("#payee", payee)
        self.page.click("#propose")

    def promise(self, **fields):
        """Fill in some of the further promises, by the ids of their fields."""
        self.tab("terms")
        more = self.page.locator("#promises")
        if more.get_attribute("open") is None:
            more.locator("summary").click()
        for name, value in fields.items():
            self.page.fill(f"#{name.replace('_', '-')}", value)

    def sees_remark(self, words):
        remark = self.page.locator("#proposal .remarks li", has_text=words)
        expect(remark).to_be_visible(timeout=SLOW)

    def sees_no_remark(self, words):
        expect(self.page.locator("#proposal .remarks li", has_text=words)).to_have_count(0)

    def is_told(self, words):
        expect(self.page.locator("#terms-error")).to_contain_text(words)

    def sees_answer(self, word, count):
        chips = self.page.locator("#proposal .chip:not(.to-clause)", has_text=word)
        expect(chips).to_have_count(count, timeout=SLOW)

    def sees_objection(self, clause, name, reason):
        chip = self.page.locator(f"#proposal [data-clause={clause}] .chip.bad")
        expect(chip).to_have_text(f"{name} 有异议：{reason}", timeout=SLOW)

    def prepare(self):
        self.tab("terms")
        self.page.click("#prepare", timeout=SLOW)
        expect(self.page.locator("#agreement .version")).to_be_visible(timeout=SLOW)

    def sign(self):
        self.page.click("#sign-open", timeout=SLOW)
        self.page.check("#sign-read")
        draw(self.page, "#pad")
        self.page.click("#sign-ok")
        expect(self.page.locator("#agreement strong")).to_contain_text("已盖章", timeout=SLOW)

    def adjourn(self, reason):
        self.page.click("#adjourn")
        self.page.fill("#ask-reason", reason)
        self.page.click("#ask-ok")
        expect(self.page.locator("#banner")).to_contain_text("已休会", timeout=SLOW)

    def resume(self):
        self.page.click("#adjourn")
        expect(self.page.locator("#banner")).to_be_hidden(timeout=SLOW)

    def finish(self, outcome, reason=""):
        self.page.click("#end")
        self.page.select_option("#ask-outcome", outcome)
        self.page.fill("#ask-reason", reason)
        self.page.click("#ask-ok")
        expect(self.page.locator("#banner")).to_contain_text("本次调解已结束", timeout=SLOW)

    def tab(self, name):
        self.page.click(f"#tab-{name}")


def draw(page, pad):
    """A few strokes with the mouse inside an element."""
    page.locator(pad).scroll_into_view_if_needed()
    box = page.locator(pad).bounding_box()
    for row in (0.3, 0.5, 0.7):
        page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * row)
        page.mouse.down()
        for part in (0.35, 0.5, 0.65, 0.8):
            page.mouse.move(
                box["x"] + box["width"] * part, box["y"] + box["height"] * (row + 0.1), steps=4
            )
        page.mouse.up()


PLAYING = """
count => new Promise((fine, sorry) => {
  const end = Date.now() + 30000;
  const look = () => {
    const moving = [...document.querySelectorAll("video")].filter(
      (video) => video.videoWidth > 0 && video.currentTime > 0 && !video.paused);
    if (moving.length >= count) fine(moving.length);
    else if (Date.now() > end) sorry(new Error(
      `${moving.length} of ${count} pictures move at ${location.pathname}: ` + JSON.stringify(
        [...document.querySelectorAll("video")].map((video) => [
          video.closest("[data-seat]")?.dataset.seat, video.videoWidth, video.currentTime, video.paused,
          video.muted, (video.srcObject?.getTracks() ?? []).map((track) => `${track.kind} ${track.muted}`),
        ]))));
    else setTimeout(look, 100);
  };
  look();
})"""


def plays(page, count):
    """Wait until ``count`` pictures, one's own among them, really move on this page."""
    assert page.evaluate(PLAYING, count) >= count
