import { startPage } from "../frame/start-page.tsx";
import { App } from "./app.tsx";
import { readArrival, takeArrival } from "./arrival.ts";
import { SIGN_IN_WORDS } from "./words.ts";

// Somebody opens an invitation while this page is open: the browser only changes what stands after #.
addEventListener("hashchange", () => {
	if (Object.keys(readArrival(location.hash)).length > 0) location.reload();
});
void startPage({ words: SIGN_IN_WORDS, children: <App arrival={takeArrival()} /> });
