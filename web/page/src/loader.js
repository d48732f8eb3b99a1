// Unpacks the page's program: one gzip stream in base64 (web/build.mjs has its layout). The policy of
// the page trusts this script by its hash, and what this script starts.
(async () => {
  const say = (text) => {
    const box = document.getElementById("failure");
    box.textContent = text;
    box.hidden = false;
  };
  try {
    if (typeof DecompressionStream === "undefined" || typeof WebAssembly === "undefined") {
      throw new Error("this browser is too old: it has no WebAssembly, or cannot unpack gzip");
    }
    const binary = atob("%PROGRAM%");
    const packed = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const sizes = new DataView(bytes.buffer);
    const parts = [];
    for (let i = 0, at = 16; i < 4; i++) {
      const size = sizes.getUint32(4 * i, true);
      parts.push(bytes.slice(at, at + size));
      at += size;
    }
    globalThis.ncaParts = { worker: parts[1], simd: parts[2], scalar: parts[3] };
    const script = document.createElement("script");
    script.src = URL.createObjectURL(new Blob([parts[0]], { type: "text/javascript" }));
    script.onerror = () => say("The page's program did not start.");
    document.head.append(script);
  } catch (problem) {
    say(`The page cannot run: ${problem.message}.`);
  }
})();
