// The Chromium of the browser tests and of the measurements.
import { existsSync } from 'node:fs';

const candidates = [process.env.PHAROS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) throw new Error('no Chromium: install the package chromium, or set PHAROS_CHROMIUM');

/** What Playwright needs to start it. */
export const options = {
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};
