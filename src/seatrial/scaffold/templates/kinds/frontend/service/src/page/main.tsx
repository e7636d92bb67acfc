import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./page.css";
import { Page } from "./Page.tsx";

const place = document.getElementById("page");
if (!place) throw new Error("index.html has no element #page");
createRoot(place).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
