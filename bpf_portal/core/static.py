"""Static files: hashed names, compressed, cached for ever; fonts with the letters we need."""

from collections.abc import Iterator
from typing import Any

from fontTools import subset
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: Unfold carries Inter with every alphabet: 110 KB a weight, 20 KB with these. Letters beyond them
#: are shown in the reader's own typeface.
FONTS = "unfold/fonts/inter/"
LATIN = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),  # every language of the European Union that is written in Latin letters
    *range(0x218, 0x21C),
    *range(0x2000, 0x2070),  # spaces, dashes, quotation marks
    *(ord(sign) for sign in "€№™←↑→↓−≈≠≤≥▲▼✓✕ŋɓɗƴƁƊƳ"),
)


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; a file that a package's stylesheet names but lacks is no error.

    Unfold and Bootstrap ship stylesheets with source maps of their own build.
    """

    manifest_strict = False

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Cut the collected fonts down first: what is hashed and served is what is left of them."""
        fonts = [name for name in paths if name.startswith(FONTS) and name.endswith(".woff2")]
        if not dry_run:
            for name in fonts:
                keep_latin(self.path(name))
            paths = {**paths, **{name: (self, name) for name in fonts}}
        yield from super().post_process(paths, dry_run, **options)


def keep_latin(path: str) -> None:
    """Leave in a WOFF2 file the letters and signs of `LATIN`, with tabular figures and kerning."""
    options = subset.Options(flavor="woff2")
    options.layout_features = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum"]
    font = subset.load_font(path, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LATIN)
    subsetter.subset(font)
    subset.save_font(font, path, options)
