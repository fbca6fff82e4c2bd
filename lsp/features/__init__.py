"""What an editor may ask about a file: pure functions over a compiled project, offsets in code points."""
