"""A party's phone as a person uses it: what is seen and touched."""

from playwright.sync_api import expect

from tests.journeys.desk import SLOW, draw

WORDS = {"agreed": "属实", "disputed": "有争议", "unknown": "不清楚"}


class Phone:
    def __init__(self, page, url):
        self.page, self.url = page, url

    # ------------------------------------------------------------ before the hour

    def log_in(self, network, number):
        seen = len(network.messages(number))
        self.page.goto(f"{self.url}/in")
        self.page.fill("#phone", number)
        self.page.click("form[action='/in'] button.go")
        self.enter_code(network, number, seen)

    def enter_code(self, network, number, seen):
        self.page.fill("#code", network.code(number, after=seen))
        self.page.click("form[action='/in/code'] button.go")
        expect(self.page).not_to_have_url(f"{self.url}/in/code")

    def register(self, name, id_number):
        self.page.goto(f"{self.url}/p/register")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=id_number]", id_number)
        self.page.click("form[action='/p/register'] button.go")
        expect(self.page).not_to_have_url(f"{self.url}/p/register")

    def apply(self, filing):
        self.page.goto(f"{self.url}/p/apply")
        self.page.check(f"[name=cause][value={filing['cause']}]")
        for fields in (
            ("respondent_name", "respondent_phone"),
            ("story",),
            ("amount", "claim", "address"),
        ):
            self.page.click("button[value=next]")
            for name in fields:
                self.page.fill(f"[name={name}]", filing[name])
        self.page.click("button[value=next]")
        self.page.click("button[value=send]")
        self.page.wait_for_url("**/p/cases/*")
        return self.page.url.rsplit("/", 1)[1]

    def consent(self, case):
        self.page.goto(f"{self.url}/p/cases/{case}/consent")
        self.page.check("[name=online_mediation]")
        self.page.check("[name=recording]")
        self.page.click("form button.go")
        self.page.wait_for_url(f"**/p/cases/{case}")

    # ------------------------------------------------------------ in the room

    def enter(self, sitting):
        self.page.goto(f"{self.url}/p/sittings/{sitting}/room")
        self.page.click("#enter")
        expect(self.page.locator("#start")).to_be_hidden(timeout=SLOW)

    def sees(self, words):
        expect(self.page.locator("#card")).to_contain_text(words, timeout=SLOW)

    def sees_plate(self, words):
        expect(self.page.locator("#plate")).to_contain_text(words, timeout=SLOW)

    def sees_no_plate(self):
        expect(self.page.locator("#plate")).to_be_hidden(timeout=SLOW)

    def sees_recording(self):
        expect(self.page.locator("#rec-text")).to_contain_text("录制中", timeout=SLOW)

    def tap(self, count):
        """Touch the ``count`` open sentences of the present step, one after the other."""
        item = self.page.locator("#card .item")
        for _ in range(count):
            expect(item).to_be_visible(timeout=SLOW)
            text = item.inner_text()
            self.page.locator("#card .acts .go").click()
            expect(self.page.locator("#card")).not_to_contain_text(text, timeout=SLOW)

    def answer(self, answers):
        for number, answer in enumerate(answers, start=1):
            self.sees(f"{number} / {len(answers)}")
            self.page.locator("#card .three button", has_text=WORDS[answer]).click()
            expect(self.page.locator("#card")).not_to_contain_text(f"{number} / {len(answers)}")
        self.tap(1)

    def reject(self, number, reason):
        self.open_proposal(number)
        self.page.fill("#reason", reason)
        self.page.locator("#sheet-body button", has_text="不同意").click()
        self.sees("您不同意这个方案")

    def object_to(self, number, clause, reason):
        """Object to one clause of the version, with a reason, and leave the sheet."""
        self.open_proposal(number)
        box = self.page.locator(f"#sheet-body [data-clause={clause}]")
        box.locator("button", has_text="这条有异议").click()
        box.locator("textarea").fill(reason)
        box.locator("button", has_text="提交异议").click()
        expect(box.locator("[aria-pressed=true]")).to_have_text("这条有异议", timeout=SLOW)
        self.page.click("#sheet-close")

    def agree_to(self, number, clause, other):
        """Agree to one clause that was changed; afterwards what the other side says to it is seen."""
        self.open_proposal(number)
        box = self.page.locator(f"#sheet-body [data-clause={clause}]")
        expect(box).to_contain_text("这条改了")
        box.locator("button", has_text="同意这条").click()
        expect(box.locator("[aria-pressed=true]")).to_have_text("同意这条", timeout=SLOW)
        if other:
            expect(box).to_contain_text(f"{other} 同意这条", timeout=SLOW)
        self.page.click("#sheet-close")

    def reads(self, number, words):
        """Find a sentence among the terms."""
        self.open_proposal(number)
        expect(self.page.locator("#sheet-body .clause", has_text=words)).to_be_visible()
        self.page.click("#sheet-close")

    def accept(self, number):
        self.open_proposal(number)
        self.page.locator("#sheet-body button.go", has_text="同意").click()
        self.sees("您已同意这个方案")

    def open_proposal(self, number):
        self.sees(f"第 {number} 版方案")
        self.page.locator("#card button", has_text="看方案").click()
        expect(self.page.locator("#sheet-title")).to_have_text(f"第 {number} 版方案")

    def sign(self, network, number):
        self.page.locator("#card button", has_text="看协议并签字").click(timeout=SLOW)
        expect(self.page.locator("#pages img").first).to_be_visible(timeout=SLOW)
        self.page.check("#read")
        seen = len(network.messages(number))
        self.page.click("#code-send")
        self.page.fill("#code", network.code(number, after=seen))
        draw(self.page, "#pad")
        self.page.click("#sign-ok")
        expect(self.page.locator("#sign")).to_be_hidden(timeout=SLOW)
