"""What a process counts of its own work, and how whoever asks for metrics learns of it."""
