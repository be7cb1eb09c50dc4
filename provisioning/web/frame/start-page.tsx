import type { i18n } from "i18next";
import { Component, type ReactNode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider, useTranslation } from "react-i18next";

import { keepLook, type Look, readLook } from "./look.ts";
import { LookChooser } from "./look-chooser.tsx";
import { speak, startTranslation, type Words } from "./translation.ts";

interface PageParts {
	readonly words: Words;
	/** Beside the title: who is signed in, a way out. */
	readonly aside?: ReactNode;
	/** The page's own part. */
	readonly children: ReactNode;
}

/**
 * Puts a page into `#page`: its head with theme and language, its body, and what is said when it breaks. The words need a
 * `title`.
 */
export async function startPage({ words, aside, children }: PageParts): Promise<void> {
	const look = readLook();
	document.documentElement.dataset.theme = look.theme;
	const translation = await startTranslation(words, look.language);
	const root = document.getElementById("page");
	if (!root) throw new Error("the page has no place to stand");
	createRoot(root).render(
		<I18nextProvider i18n={translation}>
			<Frame words={words} translation={translation} look={look} aside={aside}>
				{children}
			</Frame>
		</I18nextProvider>,
	);
}

interface FrameProps extends PageParts {
	readonly translation: i18n;
	readonly look: Look;
}

function Frame({ words, translation, look: first, aside, children }: FrameProps) {
	const { t } = useTranslation();
	const { t: frame } = useTranslation("frame");
	const [look, setLook] = useState(first);
	const title = t("title");
	useEffect(() => {
		keepLook(look);
		document.documentElement.dataset.theme = look.theme;
		void speak(translation, words, look.language);
	}, [look, translation, words]);
	useEffect(() => {
		document.title = title;
	}, [title]);
	return (
		<>
			<a className="skip" href="#content">
				{frame("skip")}
			</a>
			<header className="page-head">
				<h1>{title}</h1>
				<div className="row end grow">
					{aside}
					<LookChooser look={look} onLook={setLook} />
				</div>
			</header>
			<main id="content" className="page-body" tabIndex={-1}>
				<Mender text={frame("broken")} again={frame("reload")}>
					{children}
				</Mender>
			</main>
		</>
	);
}

interface MenderProps {
	readonly text: string;
	readonly again: string;
	readonly children: ReactNode;
}

/** Says so when the page breaks, instead of leaving it white. */
class Mender extends Component<MenderProps, { isBroken: boolean }> {
	override readonly state = { isBroken: false };

	static getDerivedStateFromError() {
		return { isBroken: true };
	}

	override render() {
		const { text, again, children } = this.props;
		if (!this.state.isBroken) return children;
		return (
			<div role="alert" className="card grave">
				<p>{text}</p>
				<button type="button" className="main-button" onClick={() => location.reload()}>
					{again}
				</button>
			</div>
		);
	}
}
