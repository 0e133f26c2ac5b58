"""Looking into pictures: their size as the header tells it, before anybody unpacks them."""

import warnings
from typing import IO

from PIL import Image, UnidentifiedImageError

from applications.actions.document_refusals import (
    DAMAGED,
    NOT_WHAT_IT_SAYS,
    PICTURE_TOO_LARGE,
    RefusedFile,
)

#: A page of A4 scanned at 600 dots per inch has 35 million; a telephone's camera up to 50.
MOST_PIXELS = 60_000_000


def look_into_picture(file: IO[bytes], *, format: str) -> None:
    """Raises RefusedFile unless it is a readable picture of this format ("JPEG", "PNG")."""
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # The library's own limit is lower than ours or higher; ours is the one that counts.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=(format,)) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise RefusedFile(PICTURE_TOO_LARGE)
                picture.verify()
    except Image.DecompressionBombError as error:
        raise RefusedFile(PICTURE_TOO_LARGE) from error
    except UnidentifiedImageError as error:
        raise RefusedFile(NOT_WHAT_IT_SAYS) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedFile(DAMAGED) from error
