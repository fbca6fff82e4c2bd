"""Where the data is kept: one port, several stores."""
