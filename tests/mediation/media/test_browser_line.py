"""Chromium with our own script on a line that loses a tenth: what is missed is asked for and comes again."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import async_playwright

from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.mediation.media.lossy import CLEAR, Link, Weather

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

SCRIPTS = Path(__file__).parents[3] / "static" / "js"
PAGE = """<!doctype html><link rel="icon" href="data:,"><script type="module">
import { Link, WANTED } from "/js/rtc.js";
const link = new Link({
  attach: (sdp) => window.attach(sdp),
  status: (state) => (window.state = state),
  stream: () => {},
});
link.others = 1;
await link.send(await navigator.mediaDevices.getUserMedia(WANTED));
link.start();
window.told = async (kind, type, what) => {
  let found = 0;
  (await link.pc.getStats()).forEach((one) => {
    if (one.kind === kind && one.type === type) found = one[what] ?? 0;
  });
  return found;
};
</script>"""
UP, DOWN = "outbound-rtp", "inbound-rtp"
LASTING_LOSS = 0.01


async def _page(_request):
    return web.Response(text=PAGE, content_type="text/html")


@asynccontextmanager
async def pages():
    """Two pages of our script, each in a Chromium whose camera is a pattern, and their address."""
    app = web.Application()
    app.router.add_get("/", _page)
    app.router.add_static("/js", SCRIPTS)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield await browser.new_page(), await browser.new_page(), f"http://127.0.0.1:{port}/"
        await browser.close()
    await runner.cleanup()


async def enter(page, url, house, seat, link=None):
    """Join as our script does it; behind a link if there is one."""

    async def attach(sdp):
        result = await house.ok("attach", seat=seat, seat_epoch=1, sdp=sdp)
        return {**result, "sdp": link.rewritten(result["sdp"])} if link else result

    await page.expose_function("attach", attach)
    await page.goto(url)
    await page.wait_for_function("window.state === 'up'")


async def more_than(page, count, *which):
    """Wait until a number of the browser's own statistics is higher."""
    script = "async ([count, ...which]) => (await window.told(...which)) > count"
    await page.wait_for_function(script, arg=[count, *which], timeout=20_000)


def test_chromium_gets_back_what_a_bad_line_took_in_both_directions(lived, kit):
    async def story(house):
        await house.ok("open", meta=kit.META)
        link = await Link(5).start()
        async with pages() as (one, two, url):
            await enter(one, url, house, "a", link)
            await enter(two, url, house, "b")
            for page in (one, two):
                await more_than(page, 5, "video", DOWN, "framesDecoded")
            link.up = link.down = Weather(loss=0.1)
            await more_than(one, 3, "audio", UP, "retransmittedPacketsSent")
            await more_than(one, 3, "video", UP, "retransmittedPacketsSent")
            await more_than(one, 3, "audio", DOWN, "nackCount")
            await more_than(one, 3, "video", DOWN, "retransmittedPacketsReceived")
            await kit.until(lambda: len(link.sent[link.audio]) > 200)
            sent = set(link.sent[link.audio])
            await kit.until(lambda: len(link.sent[link.audio]) > len(sent) + 50)
            passed = link.passed[link.audio]
            link.up = link.down = CLEAR
            shown = await one.evaluate("window.told('video', 'inbound-rtp', 'framesDecoded')")
            await more_than(one, shown + 10, "video", DOWN, "framesDecoded")
            held = [event["body"] for event in house.events if event["type"] == "pictures"]
        link.stop()
        return len(sent), len(sent - passed), held

    sent, lost, held = lived(story)
    assert sent > 200
    assert lost <= sent * LASTING_LOSS
    assert held == []  # a tenth that comes again is no reason to take anybody's picture away
