import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './page.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { styleNonce } from './api.ts';
import { App } from './app.tsx';
import { askBeforeLeaving, keepDroppedFilesOut, mayReload } from './unfinished.ts';

// What locks the page behind a dialog makes a style of its own, and looks for its nonce here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });

// A part of a page that has been replaced on the server is not there any more: the new one is loaded.
window.addEventListener('vite:preloadError', (event) => {
  if (!mayReload(() => sessionStorage, Date.now())) return;
  event.preventDefault();
  location.reload();
});
askBeforeLeaving(window);
keepDroppedFilesOut(window);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
