import { useTranslation } from "react-i18next";

import { LANGUAGE_NAMES, LANGUAGES } from "./language.ts";
import { type Look, THEMES } from "./look.ts";

interface LookChooserProps {
	readonly look: Look;
	readonly onLook: (look: Look) => void;
}

/** Theme and language of the page. */
export function LookChooser({ look, onLook }: LookChooserProps) {
	const { t } = useTranslation("frame");
	return (
		<>
			<label>
				<span className="hidden">{t("theme")}</span>
				<select
					value={look.theme}
					onChange={(event) => onLook({ ...look, theme: THEMES.find((theme) => theme === event.target.value) ?? "system" })}
				>
					{THEMES.map((theme) => (
						<option key={theme} value={theme}>
							{t(`themes.${theme}`)}
						</option>
					))}
				</select>
			</label>
			<label>
				<span className="hidden">{t("language")}</span>
				<select
					value={look.language}
					onChange={(event) =>
						onLook({ ...look, language: LANGUAGES.find((language) => language === event.target.value) ?? "en" })
					}
				>
					{LANGUAGES.map((language) => (
						<option key={language} value={language} lang={language}>
							{LANGUAGE_NAMES[language]}
						</option>
					))}
				</select>
			</label>
		</>
	);
}
