# Sourced by scripts/start, scripts/test and scripts/bench: makes a fresh machine ready and says what it installs.
# Afterwards the current folder is the project's root.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

say() { printf '%s\n' "$*" >&2; }

need_node() {
	if ! command -v node >/dev/null; then
		say "Node.js 20.19 or newer is needed: https://nodejs.org or your system's package manager."
		exit 1
	fi
	node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' || {
		say "Node.js 20.19 or newer is needed, this is $(node --version)."
		exit 1
	}
}

need_packages() {
	# npm writes this file at the end of an install: newer than the lock file means nothing changed since.
	if [ node_modules/.package-lock.json -nt package-lock.json ]; then return; fi
	say "installing the npm packages of package-lock.json into node_modules/"
	npm ci --no-audit --no-fund --loglevel=error >&2 || exit 1
}

# want COMMAND DEBIAN_PACKAGE WHY: installs a Debian package where that is possible; says what is missing where it is not.
want() {
	command -v "$1" >/dev/null && return 0
	install_package "$2" "$3"
	command -v "$1" >/dev/null && return 0
	say "$1 is not installed ($3). On Debian: apt-get install $2. Going on without it."
	return 1
}

# want_unpacked COMMAND DEBIAN_PACKAGE WHY: the same for a package whose installation would start a server: only /usr/bin/COMMAND is taken
# out of it, into the cache, for which nobody has to be root.
want_unpacked() {
	local folder="${XDG_CACHE_HOME:-$HOME/.cache}/holdfast/commands"
	PATH="$PATH:$folder"
	command -v "$1" >/dev/null && return 0
	if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
		say "unpacking $1 of the Debian package $2 into $folder ($3)"
		unpack_command "$1" "$2" "$folder" || { [ "$(id -u)" = 0 ] && apt-get update -qq >/dev/null 2>&1 && unpack_command "$1" "$2" "$folder"; }
	fi
	command -v "$1" >/dev/null && return 0
	say "$1 is not here ($3). It is in Debian's package $2. Going on without it."
	return 1
}

unpack_command() (
	part=$(mktemp -d) || exit 1
	trap 'rm -rf "$part"' EXIT
	cd "$part" && apt-get download -qq "$2" >/dev/null 2>&1 || exit 1
	dpkg-deb --extract ./*.deb files && mkdir -p "$3" && cp "files/usr/bin/$1" "$3/.$1.$$" && mv "$3/.$1.$$" "$3/$1"
)

# want_font PATTERN DEBIAN_PACKAGE WHY: the same for a font; the pattern is fontconfig's.
want_font() {
	have_font "$1" && return 0
	install_package "$2" "$3"
	have_font "$1" && return 0
	say "there is no font $1 ($3). On Debian: apt-get install fontconfig $2. Going on without it."
	return 1
}

have_font() { [ -n "$(fc-list "$1" 2>/dev/null)" ]; }

install_package() {
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return; fi
	say "installing the Debian package $1 ($2)"
	if ! apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1; then
		apt-get update -qq >/dev/null 2>&1
		apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 || true
	fi
}

# The letters of the pages' languages, and the fonts that their pictures were drawn with.
want_page_fonts() {
	want_font ":lang=hi" fonts-lohit-deva "pages in Hindi are looked at" || true
	want_font "Noto Sans Mono" fonts-noto-mono "pages are compared with their pictures" || true
}

need_node
need_packages
node scripts/codec.mjs || exit 1
