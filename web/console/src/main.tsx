import { setNonce } from "get-nonce";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./api/queries";
import "./app.css";
import { startI18n } from "./i18n";
import { nonce } from "./lib/nonce";
import { followTheme } from "./lib/prefs";
import { router } from "./router";
import { Boundary } from "./shell/boundary";
import { TipProvider } from "./ui/overlay";
import { Toasts } from "./ui/toast";

// Dialogs add a style of their own when they open.
if (nonce) setNonce(nonce);

// After an update of the server the old page asks for files that are gone: load the new one, once.
window.addEventListener("vite:preloadError", () => {
  const key = "parley.reloaded";
  if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < 30_000) return;
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
});

followTheme();
const root = createRoot(document.getElementById("root") as HTMLElement);
void startI18n().then(() =>
  root.render(
    <StrictMode>
      <Boundary>
        <QueryClientProvider client={client}>
          <TipProvider>
            <RouterProvider router={router} />
            <Toasts />
          </TipProvider>
        </QueryClientProvider>
      </Boundary>
    </StrictMode>,
  ),
);
