"""Static files: hashed names, compressed, cached for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; a file that a package's stylesheet names but lacks is no error.

    Unfold and Bootstrap ship stylesheets with source maps of their own build.
    """

    manifest_strict = False
