"""How do the venues call and write what is played? Their wire formats, one file each."""
