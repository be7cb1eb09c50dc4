import { startPage } from "../frame/start-page.tsx";
import { App } from "./app.tsx";
import { takeArrival } from "./arrival.ts";
import { SIGN_IN_WORDS } from "./words.ts";

void startPage({ words: SIGN_IN_WORDS, children: <App arrival={takeArrival()} /> });
