"""Documents that authors make themselves: templates filled with what the data say, in a process of its own."""
