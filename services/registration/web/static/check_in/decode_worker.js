// Reads QR codes off the camera's pictures, away from the page. A classic worker: its own script's answer carries the
// one exception from the page's policy that WebAssembly needs.
/* global ZXingWASM */
"use strict";
importScripts("zxing_reader.js");

const OPTIONS = { formats: ["QRCode"], tryHarder: true, tryInvert: true, tryDownscale: true, maxNumberOfSymbols: 1 };

ZXingWASM.prepareZXingModule({
  overrides: { locateFile: (name) => new URL(name, self.location.href).href },
  fireImmediately: true,
}).then(() => postMessage({ ready: true }), (fault) => postMessage({ fault: String(fault) }));

self.onmessage = async ({ data }) => {
  try {
    const picture = new ImageData(new Uint8ClampedArray(data.pixels), data.width, data.height);
    const [found] = await ZXingWASM.readBarcodes(picture, OPTIONS);
    postMessage({ text: found?.text ?? "" });
  } catch (fault) {
    postMessage({ fault: String(fault) });
  }
};
