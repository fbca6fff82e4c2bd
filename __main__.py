"""``python -m quand`` is the command ``quand``."""

from .cli.main import main

if __name__ == "__main__":
    main()
