"""Files that are whole or not there."""

import os
import tempfile
from pathlib import Path

from jacobian.errors import InputError


def write(path: str | Path, content: str | bytes) -> Path:
    """Write aside, then rename: after an interruption the old file or the new one stands, never a half.

    Folders that are missing are made. Raises InputError where the place cannot be written.
    """
    path = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): "
                         "choose a folder that you may write to") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(aside, 0o666 & ~_umask())
        os.replace(aside, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): choose another place") from error
    finally:
        Path(aside).unlink(missing_ok=True)
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
