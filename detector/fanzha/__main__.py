"""`python -m fanzha`: the command line."""

from fanzha.cli import main

if __name__ == "__main__":
    main()
