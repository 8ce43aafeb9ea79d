"""The proof over every byte of the public site: nothing leaked, nothing fetched, nothing dead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from pipeline.files import MARKER
from pipeline.pages.csp import hashed
from pipeline.pages.deck import DRAWING, PAGE
from pipeline.problems import Problem, Source
from pipeline.publish.content import Anchor, FileContent, css_urls, inside_page, read_file
from pipeline.publish.secrets import Leak, Secrets, leaks_in

TRANSCRIPT = "transcript.html"
# Asked for by name, by servers and search engines.
_KNOWN = {"404.html", "robots.txt", "sitemap.xml", ".nojekyll", MARKER, DRAWING}
# What hosts of static sites read there: it stays from one publication to the next.
HOST_FILES = frozenset(
    {"CNAME", ".domains", ".git", ".gitattributes", ".gitignore", ".htaccess", ".well-known"}
    | {"_headers", "_redirects", "netlify.toml", "staticwebapp.config.json", "vercel.json"}
)
_OUTSIDE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_FOLLOWED = re.compile(r"https?://[^\s/]|mailto:[^\s@]+@", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)[\w.-]+")
FILES = "files/"  # of the talk's own, that slides lead to: pages elsewhere, not of this site
_NOTES = {"notes", "cue", "aside", "landmark", "speaker-notes"}
_RUNNING = {"script", "iframe", "object", "embed", "form", "meta", "link", "base", "handler"}
_NOTES_ATTRIBUTES = {"data-notes", "data-cue", "data-seconds"}


class _Look(msgspec.Struct):
    """One file as it was looked at."""

    content: bytes
    read: FileContent
    leaks: tuple[Leak, ...] | None = None  # not asked for yet


class Seen(msgspec.Struct):
    """What one proof read, and found of these secrets: the next looks at new bytes alone."""

    secrets: Secrets
    files: dict[str, _Look] = {}
    clean: set[str] = set()  # texts

    def read(self, name: str, content: bytes) -> FileContent:
        """All that stands in a file, by its path inside the site."""
        known = self.files.get(name)
        if known is None or known.content != content:
            known = self.files[name] = _Look(content, read_file(name, content))
        return known.read

    def leaks(self, name: str) -> tuple[Leak, ...]:
        """The secrets in a file that was read."""
        look = self.files[name]
        if look.leaks is None:
            texts, printed, said = look.read.texts, look.read.printed, name == TRANSCRIPT
            found = leaks_in(texts, self.secrets, printed=printed, may_say=said, clean=self.clean)
            look.leaks = tuple(found)
        return look.leaks


def prove(
    folder: Path,
    secrets: Secrets | Seen,
    *,
    address: str = "",
    slides: int | None = None,
    coming: Iterable[str] = (),
) -> tuple[Problem, ...]:
    """Look at every file of a site; what is wrong, each with the name of its file.

    `secrets`: with what was seen, where the site is proven again; `address`: where it will be, so
    that links to it are looked up in it; `slides`: how many pages a PDF or PowerPoint must have;
    `coming`: names of files that are made later.
    """
    seen = secrets if isinstance(secrets, Seen) else Seen(secrets)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != ".git"
    }
    read = {name: seen.read(name, content) for name, content in files.items()}
    read |= {name: FileContent() for name in coming}
    proof = _Proof(read, seen, address)
    for name in files:
        proof.look_at(name)
        own = not name.startswith(FILES)
        if own and slides is not None and read[name].pages and read[name].pages != slides:
            proof.wrong(name, f"it has {read[name].pages} pages, the talk has {slides} slides")
    proof.reachable()
    return tuple(proof.findings)


class _Proof:
    """One pass over the files; `findings` gathers what is wrong."""

    def __init__(self, read: Mapping[str, FileContent], seen: Seen, address: str) -> None:
        self.read, self.seen, self.address = read, seen, address
        self.findings: list[Problem] = []
        self.leads: dict[str, set[str]] = {name: set() for name in read}  # file -> files it names

    def wrong(self, name: str, message: str, hint: str = "") -> None:
        self.findings.append(Problem(message, Source(Path("public") / name), hint))

    def look_at(self, name: str) -> None:
        content = self.read[name]
        if content.problem:
            self.wrong(name, content.problem, "publish only what can be looked into")
        for leak, source in self.seen.leaks(name):
            self.wrong(name, f"it holds {leak}", f"they stand in {source}" if source else "")
        for what in content.carries:
            hint = "it is taken out of what slides show; of a file that they lead to, save it anew"
            self.wrong(name, f"it carries {what}", hint)
        if name.startswith(FILES):
            return
        self._marked(name, content)
        for url in content.loads:
            self._load(name, url)
        for url in content.mentions:
            self._mention(name, url)
        for link in content.links:
            self._link(name, link)
        for script in content.scripts:
            found = _ADDRESS.search(_COMMENT.sub("", script))
            if found:
                self.wrong(name, f"a script names an address outside: {found[0]}")
        if name.endswith(".html"):
            self._policy(name, content)
        elif name.endswith(".svg"):
            handlers = {a for a in content.attributes if re.match(r"on[a-z]+$", a)}
            # A foreign drawing may have HTML in it, cleaned of what runs and loads.
            never = _RUNNING if name.startswith("media/") else {*_RUNNING, "foreignobject"}
            tags = {tag.rpartition(":")[2] for tag in content.tags}
            for what in sorted(tags & never | handlers):
                self.wrong(name, f"a picture can't have `{what}`: no policy stops it")

    def _marked(self, name: str, content: FileContent) -> None:
        marks = sorted(content.classes & _NOTES | content.attributes & _NOTES_ATTRIBUTES)
        if marks:
            self.wrong(name, f"it has an element of the speaker's notes: {marks[0]}")

    def _local(self, name: str, url: str) -> str | None:
        """The file of the site that an address means; None if it is outside it."""
        if self.address and url.startswith(self.address):
            path, _ = inside_page(url[len(self.address) :])
            return path or PAGE
        if _OUTSIDE.match(url) or url.startswith("/"):
            return None
        path, _ = inside_page(url)
        if not path:
            return name
        parts: list[str] = [] if path.startswith("/") else list(PurePosixPath(name).parent.parts)
        for part in path.split("/"):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return "/".join(parts) or PAGE

    def _load(self, name: str, url: str) -> None:
        if url.startswith(("data:", "#")):
            return
        local = self._local(name, url)
        if local is None:
            self.wrong(name, f"it fetches from outside: {url}", "put the file into the site")
        elif local not in self.read:
            self.wrong(name, f"it fetches a file that isn't there: {url}")
        else:
            self.leads[name].add(local)

    def _mention(self, name: str, url: str) -> None:
        local = self._local(name, url)
        if local in self.read:
            self.leads[name].add(str(local))
        elif not (self.address and url == self.address):
            self.wrong(name, f"its head names what isn't in the site: {url}")

    def _link(self, name: str, link: Anchor) -> None:
        local = self._local(name, link.href)
        if local is None:
            if not _FOLLOWED.match(link.href):
                self.wrong(name, f"a link that leads nowhere or runs something: {link.href}")
        elif local not in self.read:
            self.wrong(name, f"a link leads to a file that isn't there: {link.href}")
        else:
            self.leads[name].add(local)
            target = inside_page(link.href)[1].removeprefix("/")
            if target and local.endswith((".html", ".svg")) and target not in self.read[local].ids:
                self.wrong(name, f"a link leads to an anchor that isn't there: {link.href}")
        if link.target and "noopener" not in link.rel.split():
            self.wrong(name, f"a link opens a tab without rel=noopener: {link.href}")

    def _policy(self, name: str, content: FileContent) -> None:
        if content.policy is None:
            self.wrong(name, "it has no Content-Security-Policy")
            return
        rules = {
            words[0]: words[1:] for part in content.policy.split(";") if (words := part.split())
        }
        allowed = {word for words in rules.values() for word in words}
        loose = {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & allowed
        if rules.get("default-src") != ["'none'"] or loose:
            self.wrong(name, f"its Content-Security-Policy is loose: {content.policy}")
        for kind, texts in (("script", content.scripts), ("style", content.styles)):
            for text in texts:
                if hashed(text) not in rules.get(f"{kind}-src", []):
                    self.wrong(name, f"its policy has no hash of an inline {kind}: {text[:40]}…")
        for attribute in sorted(content.attributes):
            if attribute == "style" or re.match(r"on[a-z]+$", attribute):
                self.wrong(name, f"its policy stops the attribute `{attribute}`")

    def reachable(self) -> None:
        """Every file is led to from the first page, over any number of files."""
        for name, content in self.read.items():
            if name.endswith(".css"):
                urls = [url for text in content.texts for url in css_urls(text)]
                self.leads[name] |= {local for url in urls if (local := self._local(name, url))}
        seen, waiting = {PAGE}, [PAGE]
        while waiting:
            for other in sorted(self.leads.get(waiting.pop(), ())):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        if PAGE not in self.read:
            self.wrong(PAGE, "the first page is missing")
        for name in self.read:
            if name not in seen and name not in _KNOWN and name.split("/")[0] not in HOST_FILES:
                self.wrong(name, "no page leads to it", "remove it, or link to it")
