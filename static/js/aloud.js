// @ts-check
// Reads a passage aloud where the phone can; where it cannot, the button stays away.

const voice = "speechSynthesis" in window ? window.speechSynthesis : null;

export const speaks = Boolean(voice);

/**
 * Read a text, slowly; while one is read, stop it.
 * @param {string} text
 */
export function aloud(text) {
  if (!voice) return;
  if (voice.speaking) return voice.cancel();
  const speech = new SpeechSynthesisUtterance(text);
  speech.lang = document.documentElement.lang;
  speech.rate = 0.9;
  voice.speak(speech);
}

/** @param {HTMLElement} button its data-reads names the passage */
function bind(button) {
  const passage = document.getElementById(button.dataset["reads"] ?? "");
  if (!voice || !passage) return;
  button.hidden = false;
  button.addEventListener("click", () => aloud(passage.innerText));
}

for (const button of document.querySelectorAll("[data-reads]")) if (button instanceof HTMLElement) bind(button);
window.addEventListener("pagehide", () => voice?.cancel());
