import { useEffect, useRef, useState } from "react";

/** A warning stands for this long before the end, in seconds. */
const WARNS_SECONDS = 5 * 60;
const LOOKS_EVERY_MS = 5000;

/**
 * Counts a session down.
 *
 * @returns minutes left once few are; `undefined` before.
 */
export function useSessionEnd(lastsSeconds: number, onEnd: () => void): number | undefined {
	const [secondsLeft, setSecondsLeft] = useState(lastsSeconds);
	const ending = useRef(onEnd);
	ending.current = onEnd;
	useEffect(() => {
		const began = { counted: performance.now(), dated: Date.now() };
		const look = () => {
			// The counted time stands still in some sleeps, the dated one may be set: whichever says more.
			const elapsedMs = Math.max(performance.now() - began.counted, Date.now() - began.dated);
			const left = lastsSeconds - elapsedMs / 1000;
			setSecondsLeft(left);
			if (left <= 0) ending.current();
		};
		const timer = setInterval(look, LOOKS_EVERY_MS);
		// A page that comes back from the background is looked at before it is read.
		addEventListener("pageshow", look);
		document.addEventListener("visibilitychange", look);
		return () => {
			clearInterval(timer);
			removeEventListener("pageshow", look);
			document.removeEventListener("visibilitychange", look);
		};
	}, [lastsSeconds]);
	return secondsLeft > WARNS_SECONDS ? undefined : Math.max(1, Math.ceil(secondsLeft / 60));
}
