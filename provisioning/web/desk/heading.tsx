import { type ReactNode, useEffect, useRef } from "react";

/** A card's heading that takes the focus when it appears: whoever hears the page is where the work is. */
export function Heading({ children }: { readonly children: ReactNode }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), []);
	return (
		<h2 ref={heading} tabIndex={-1}>
			{children}
		</h2>
	);
}
