// @ts-check
// Reads a passage aloud where the phone can; where it cannot, the button stays away.

const voice = "speechSynthesis" in window ? window.speechSynthesis : null;

/** @param {HTMLElement} button its data-reads names the passage */
function bind(button) {
  const passage = document.getElementById(button.dataset["reads"] ?? "");
  if (!voice || !passage) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (voice.speaking) return voice.cancel();
    const speech = new SpeechSynthesisUtterance(passage.innerText);
    speech.lang = document.documentElement.lang;
    speech.rate = 0.9;
    voice.speak(speech);
  });
}

for (const button of document.querySelectorAll("[data-reads]")) if (button instanceof HTMLElement) bind(button);
window.addEventListener("pagehide", () => voice?.cancel());
